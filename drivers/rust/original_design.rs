//! A wrong orphan tracker, as the design that started this work has it: three faults that certification must find.
//!
//! An expected CLOID protects only through its recorded OID. First-seen survives a period of protection. Instants older than
//! ten graces are collected before the filter looks at them.
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

#[derive(Default)]
struct Tracker {
    grace: i64, ttl: i64, protection: i64,
    expected: HashMap<String, (i64, Option<String>)>,
    finalized: HashMap<String, i64>,
    first_seen: HashMap<String, i64>,
}

impl Tracker {
    fn take(&mut self, step: &Json) -> Option<Vec<String>> {
        let (t, cloid, oid) = (step.get("t").num(), step.get("cloid").text(), step.get("oid").text());
        match step.get("event").text().as_str() {
            "register" => for cloid in step.get("cloids").list() { self.expected.insert(cloid.text(), (t, None)); },
            "record_oid" => if let Some(entry) = self.expected.get_mut(&cloid) { entry.1 = Some(oid) },
            "finalize" => { self.expected.remove(&cloid); self.finalized.insert(oid, t); }
            "fail" => { self.expected.remove(&cloid); }
            "clear" => { self.first_seen.remove(&oid); }
            "cleanup" => self.cleanup(t),
            _ => return Some(self.sync(t, step)),
        }
        None
    }

    fn cleanup(&mut self, t: i64) {
        let (grace, ttl, protection) = (self.grace, self.ttl, self.protection);
        self.expected.retain(|_, entry| t - entry.0 < ttl);
        self.finalized.retain(|_, at| t - *at < protection);
        self.first_seen.retain(|_, at| t - *at < 10 * grace);
    }

    fn sync(&mut self, t: i64, step: &Json) -> Vec<String> {
        let Json::List(open) = step.get("open") else { return vec![] };
        self.cleanup(t);
        let mut kept: HashSet<String> = step.get("local").list().iter().map(Json::text).collect();
        kept.extend(self.finalized.keys().cloned());
        kept.extend(self.expected.values().filter_map(|entry| entry.1.clone()));
        let mut cancelled = vec![];
        for oid in open.iter().map(|row| row.get("oid").text()) {
            if !kept.insert(oid.clone()) { continue }
            if t - *self.first_seen.entry(oid.clone()).or_insert(t) >= self.grace {
                self.first_seen.remove(&oid);
                cancelled.push(oid);
            }
        }
        cancelled
    }
}

fn main() {
    for line in stdin().lock().lines().map_while(Result::ok) {
        let request = Parser { bytes: format!("{line}\n").as_bytes(), at: 0 }.value();
        let (op, config) = (request.get("op").text(), request.get("config"));
        let number = |key: &str| config.get(key).num();
        let mut tracker = Tracker {
            grace: number("orphan_grace_period"), ttl: number("expected_cloid_ttl"), 
            protection: number("finalized_protection_period"), ..Tracker::default()
        };
        let outcome = |oids: Option<Vec<String>>| oids.map_or("{}".into(), |oids| format!("{{\"cancelled\":{oids:?}}}"));
        let results: Vec<String> = request.get("steps").list().iter().map(|step| outcome(tracker.take(step))).collect();
        let about = r#"{"name":"original-design","language":"rust","version":"1"}"#;
        match op.as_str() {
            "run" => println!("{{\"id\":{},\"ok\":true,\"results\":[{}]}}", request.get("id").num(), results.join(",")),
            _ => println!("{{\"ok\":true,\"implementation\":{about}}}"),
        }
        if op == "stop" { break }
    }
}
