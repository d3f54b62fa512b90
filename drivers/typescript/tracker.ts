// An orphan tracker in TypeScript, written from the specification alone, behind the certification protocol.
//
// An order ages from the first snapshot that shows it unclaimed and unprotected; whatever protects it takes that age away.
declare const process: { stdin: unknown; stdout: { write(text: string): void } };
declare function require(name: string): any;

type Row = { oid: string; cloid?: string | null };
type Step = {
  event: string; t: number; cloids: string[]; cloid: string; oid: string;
  as_of?: number; open: Row[] | null; local: string[];
};
type Config = {
  orphan_grace_period: number; expected_cloid_ttl: number; finalized_protection_period: number;
  owned_cloid_prefix?: string;
};
type Expected = { until: number; registered: number; oids: Set<string> };

class Tracker {
  private events = 0;
  private latest = -1;
  private windows = new Map<string, Expected>();
  private answered = new Map<string, number>();
  private finalized = new Map<string, { until: number; event: number }>();
  private aged = new Map<string, number>();
  private shown = new Map<string, string[]>();

  constructor(private config: Config) {}

  private open(cloid: string, t: number): Expected | undefined {
    const window = this.windows.get(cloid);
    if (window !== undefined && window.until <= t) {
      this.windows.delete(cloid);
      return undefined;
    }
    return window;
  }

  register({ cloids, t }: Step): void {
    for (const cloid of cloids) {
      const oids = this.open(cloid, t)?.oids ?? new Set<string>();
      this.windows.set(cloid, { until: t + this.config.expected_cloid_ttl, registered: ++this.events, oids });
      for (const oid of [...oids, ...(this.shown.get(cloid) ?? [])]) this.aged.delete(oid);
    }
  }

  record_oid({ cloid, oid, t }: Step): void {
    const window = this.open(cloid, t);
    if (window !== undefined) {
      window.oids.add(oid);
      this.aged.delete(oid);
    }
    if (!this.answered.has(oid)) {
      this.answered.set(oid, t + this.config.finalized_protection_period);
      this.aged.delete(oid);
    }
  }

  finalize({ cloid, oid, t }: Step): void {
    let news = this.finalized.get(oid);
    if (news === undefined) {
      news = { until: t + this.config.finalized_protection_period, event: ++this.events };
      this.finalized.set(oid, news);
      this.aged.delete(oid);
    }
    const window = this.open(cloid, t);
    if (window !== undefined && news.event > window.registered) this.windows.delete(cloid);
  }

  fail({ cloid, t }: Step): void {
    if (this.open(cloid, t)?.oids.size === 0) this.windows.delete(cloid);
  }

  clear({ oid }: Step): void {
    this.aged.delete(oid);
  }

  cleanup(_: Step): void {}

  sync({ t, as_of = t, open, local }: Step): string[] {
    if (open === null || as_of < this.latest) return [];
    this.latest = as_of;
    const tracked = new Set(local);
    const candidates = new Map<string, Row>();
    this.shown = new Map();
    for (const row of open) {
      if (tracked.has(row.oid)) continue;
      if (!candidates.get(row.oid)?.cloid?.startsWith(this.config.owned_cloid_prefix ?? "")) candidates.set(row.oid, row);
      if (typeof row.cloid !== "string") continue;
      this.shown.set(row.cloid, [...(this.shown.get(row.cloid) ?? []), row.oid]);
      this.open(row.cloid, t)?.oids.add(row.oid);
    }
    const linked = new Set<string>();
    for (const cloid of [...this.windows.keys()]) this.open(cloid, t)?.oids.forEach((oid) => linked.add(oid));
    const aged = new Map<string, number>();
    const cancelled: string[] = [];
    for (const [oid, row] of candidates) {
      if (linked.has(oid) || t < this.heard(oid) || this.foreign(row)) continue;
      const since = this.aged.get(oid) ?? as_of;
      if (as_of - since >= this.config.orphan_grace_period) cancelled.push(oid);
      else aged.set(oid, since);
    }
    this.aged = aged;
    return cancelled;
  }

  private heard(oid: string): number {
    return Math.max(this.answered.get(oid) ?? -1, this.finalized.get(oid)?.until ?? -1);
  }

  private foreign({ oid, cloid }: Row): boolean {
    const prefix = this.config.owned_cloid_prefix;
    return prefix !== undefined && cloid !== undefined && !cloid?.startsWith(prefix) && this.heard(oid) < 0;
  }
}

type Deeds = Record<string, (step: Step) => string[] | void>;

function answer(request: any): object {
  if (request.op !== "run") {
    return { ok: true, implementation: { name: "from-the-specification", language: "typescript", version: "1" } };
  }
  const tracker = new Tracker(request.config) as unknown as Deeds;
  const results = request.steps.map((step: Step) => {
    const cancelled = tracker[step.event](step);
    return step.event === "sync" ? { cancelled } : {};
  });
  return { id: request.id, ok: true, results };
}

const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line: string) => {
  const request = JSON.parse(line);
  process.stdout.write(JSON.stringify(answer(request)) + "\n");
  if (request.op === "stop") lines.close();
});
