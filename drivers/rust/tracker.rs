//! An orphan tracker in Rust, written from the specification alone, behind the certification protocol.
//!
//! An order ages from the first snapshot that shows it unclaimed and unprotected; whatever protects it takes that age away.
use std::collections::{HashMap, HashSet};
use std::io::{stdin, BufRead};

#[derive(Clone, Debug)]
enum Json { Null, Bool, Num(i64), Text(String), List(Vec<Json>), Dict(HashMap<String, Json>) }

impl Json {
    fn get(&self, key: &str) -> &Json {
        match self { Json::Dict(fields) => fields.get(key).unwrap_or(&Json::Null), _ => &Json::Null }
    }
    fn num(&self) -> i64 { if let Json::Num(n) = self { *n } else { 0 } }
    fn text(&self) -> String { if let Json::Text(s) = self { s.clone() } else { String::new() } }
    fn list(&self) -> &[Json] { if let Json::List(items) = self { items } else { &[] } }
}

struct Parser<'a> { bytes: &'a [u8], at: usize }

impl Parser<'_> {
    fn peek(&mut self) -> u8 {
        while self.bytes[self.at].is_ascii_whitespace() || matches!(self.bytes[self.at], b',' | b':') { self.at += 1 }
        self.bytes[self.at]
    }
    fn value(&mut self) -> Json {
        match self.peek() {
            b'"' => Json::Text(self.string()),
            b'{' => {
                let mut fields = HashMap::new();
                self.at += 1;
                while self.peek() != b'}' { let key = self.string(); fields.insert(key, self.value()); }
                self.at += 1;
                Json::Dict(fields)
            }
            b'[' => {
                let mut items = vec![];
                self.at += 1;
                while self.peek() != b']' { items.push(self.value()) }
                self.at += 1;
                Json::List(items)
            }
            _ => {
                let start = self.at;
                while !matches!(self.bytes.get(self.at), None | Some(b',' | b'}' | b']' | b'\n')) { self.at += 1 }
                let word = std::str::from_utf8(&self.bytes[start..self.at]).unwrap().trim();
                if word == "null" { Json::Null } else { word.parse().map(Json::Num).unwrap_or(Json::Bool) }
            }
        }
    }
    /// A text as it is written: ids are compared and given back, never read, so escapes may stay.
    fn string(&mut self) -> String {
        let start = self.at + 1;
        self.at = start;
        while self.bytes[self.at] != b'"' { self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 } }
        self.at += 1;
        String::from_utf8(self.bytes[start..self.at - 1].to_vec()).unwrap()
    }
}

struct Window { until: i64, registered: usize, oids: HashSet<String> }

#[derive(Default)]
struct Tracker {
    grace: i64, ttl: i64, protection: i64, prefix: String, events: usize, latest: i64,
    windows: HashMap<String, Window>,
    answered: HashMap<String, i64>,
    finalized: HashMap<String, (i64, usize)>,
    aged: HashMap<String, i64>,
    shown: HashMap<String, Vec<String>>,
}

impl Tracker {
    fn take(&mut self, step: &Json) -> Option<Vec<String>> {
        let (t, cloid, oid) = (step.get("t").num(), step.get("cloid").text(), step.get("oid").text());
        self.windows.retain(|_, window| t < window.until);
        self.events += 1;
        match step.get("event").text().as_str() {
            "register" => for cloid in step.get("cloids").list() {
                let cloid = cloid.text();
                let oids = self.windows.remove(&cloid).map(|window| window.oids).unwrap_or_default();
                for oid in oids.iter().chain(self.shown.get(&cloid).into_iter().flatten()) { self.aged.remove(oid); }
                self.windows.insert(cloid, Window { until: t + self.ttl, registered: self.events, oids });
            },
            "record_oid" => {
                let linked = self.windows.get_mut(&cloid).map(|window| window.oids.insert(oid.clone())).is_some();
                if linked || !self.answered.contains_key(&oid) { self.aged.remove(&oid); }
                self.answered.entry(oid).or_insert(t + self.protection);
            }
            "finalize" => {
                if !self.finalized.contains_key(&oid) { self.aged.remove(&oid); }
                let news = *self.finalized.entry(oid).or_insert((t + self.protection, self.events));
                if self.windows.get(&cloid).is_some_and(|window| window.registered < news.1) { self.windows.remove(&cloid); }
            }
            "fail" => if self.windows.get(&cloid).is_some_and(|window| window.oids.is_empty()) { self.windows.remove(&cloid); },
            "clear" => { self.aged.remove(&oid); }
            "sync" => return Some(self.sync(t, step)),
            _ => {}
        }
        None
    }

    fn sync(&mut self, t: i64, step: &Json) -> Vec<String> {
        let (as_of, Json::List(open)) = (step.get("as_of").num(), step.get("open")) else { return vec![] };
        if as_of < self.latest { return vec![] }
        self.latest = as_of;
        self.shown.clear();
        let local: HashSet<String> = step.get("local").list().iter().map(Json::text).collect();
        let candidates: HashMap<String, &Json> =
            open.iter().map(|row| (row.get("oid").text(), row)).filter(|(oid, _)| !local.contains(oid)).collect();
        for (oid, row) in &candidates {
            self.shown.entry(row.get("cloid").text()).or_default().push(oid.clone());
            if let Some(window) = self.windows.get_mut(&row.get("cloid").text()) { window.oids.insert(oid.clone()); }
        }
        let linked: HashSet<&String> = self.windows.values().flat_map(|window| &window.oids).collect();
        let (mut aged, mut cancelled) = (HashMap::new(), vec![]);
        for (oid, row) in candidates {
            let heard = self.answered.get(&oid).copied().max(self.finalized.get(&oid).map(|news| news.0));
            let stated = if let Json::Dict(fields) = row { fields.contains_key("cloid") } else { false };
            let ours = |row: &Json| row.get("oid").text() == oid && row.get("cloid").text().starts_with(&self.prefix);
            let foreign = heard.is_none() && stated && !ours(row) && !open.iter().any(ours);
            if linked.contains(&oid) || heard.is_some_and(|until| t < until) || foreign { continue }
            let since = self.aged.get(&oid).copied().unwrap_or(as_of);
            if as_of - since >= self.grace { cancelled.push(oid) } else { aged.insert(oid, since); }
        }
        self.aged = aged;
        cancelled
    }
}

fn main() {
    for line in stdin().lock().lines().map_while(Result::ok) {
        let request = Parser { bytes: format!("{line}\n").as_bytes(), at: 0 }.value();
        let (op, config) = (request.get("op").text(), request.get("config"));
        let number = |key: &str| config.get(key).num();
        let mut tracker = Tracker {
            grace: number("orphan_grace_period"), ttl: number("expected_cloid_ttl"), latest: -1,
            protection: number("finalized_protection_period"), prefix: config.get("owned_cloid_prefix").text(), ..Tracker::default()
        };
        let outcome = |oids: Option<Vec<String>>| oids.map_or("{}".into(), |oids| format!("{{\"cancelled\":{oids:?}}}"));
        let results: Vec<String> = request.get("steps").list().iter().map(|step| outcome(tracker.take(step))).collect();
        let about = r#"{"name":"from-the-specification","language":"rust","version":"1"}"#;
        match op.as_str() {
            "run" => println!("{{\"id\":{},\"ok\":true,\"results\":[{}]}}", request.get("id").num(), results.join(",")),
            _ => println!("{{\"ok\":true,\"implementation\":{about}}}"),
        }
        if op == "stop" { break }
    }
}
