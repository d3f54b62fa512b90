// A wrong orphan tracker, as the design that started this work has it: three faults that certification must find.
//
// An expected CLOID protects only through its recorded OID. First-seen survives a period of protection. Instants older than
// ten graces are collected before the filter looks at them.
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

class Tracker {
  private expected = new Map<string, { registered: number; oid?: string }>();
  private finalized = new Map<string, number>();
  private firstSeen = new Map<string, number>();

  constructor(private config: Config) {}

  register({ cloids, t }: Step): void {
    for (const cloid of cloids) this.expected.set(cloid, { registered: t });
  }

  record_oid({ cloid, oid }: Step): void {
    const entry = this.expected.get(cloid);
    if (entry !== undefined) entry.oid = oid;
  }

  finalize({ cloid, oid, t }: Step): void {
    this.expected.delete(cloid);
    this.finalized.set(oid, t);
  }

  fail({ cloid }: Step): void {
    this.expected.delete(cloid);
  }

  clear({ oid }: Step): void {
    this.firstSeen.delete(oid);
  }

  cleanup({ t }: Step): void {
    const { orphan_grace_period: grace, expected_cloid_ttl: ttl, finalized_protection_period: protection } = this.config;
    for (const [cloid, entry] of this.expected) if (t - entry.registered >= ttl) this.expected.delete(cloid);
    for (const [oid, at] of this.finalized) if (t - at >= protection) this.finalized.delete(oid);
    for (const [oid, at] of this.firstSeen) if (t - at >= 10 * grace) this.firstSeen.delete(oid);
  }

  sync(step: Step): string[] {
    if (step.open === null) return [];
    this.cleanup(step);
    const kept = new Set([...step.local, ...this.finalized.keys()]);
    for (const { oid } of this.expected.values()) if (oid !== undefined) kept.add(oid);
    const cancelled: string[] = [];
    for (const oid of new Set(step.open.map((row) => row.oid))) {
      const seen = this.firstSeen.get(oid);
      if (kept.has(oid)) continue;
      if (seen === undefined) this.firstSeen.set(oid, step.t);
      else if (step.t - seen >= this.config.orphan_grace_period) {
        cancelled.push(oid);
        this.firstSeen.delete(oid);
      }
    }
    return cancelled;
  }
}

type Deeds = Record<string, (step: Step) => string[] | void>;

function answer(request: any): object {
  if (request.op !== "run") {
    return { ok: true, implementation: { name: "original-design", language: "typescript", version: "1" } };
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
