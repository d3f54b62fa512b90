// A wrong orphan tracker, as the design that started this work has it: three faults that certification must find.
//
// An expected CLOID protects only through its recorded OID. First-seen survives a period of protection. Instants older than
// ten graces are collected before the filter looks at them.
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

using Instant = long long;
using Text = std::string;

struct Json {  // ids are compared and given back, never read, so a text keeps its escapes
  char kind = 'n';
  Text text;
  std::vector<Json> list;
  std::map<Text, Json> dict;
  const Json& operator[](const Text& key) const {
    static const Json nothing;
    auto found = dict.find(key);
    return found == dict.end() ? nothing : found->second;
  }
  Instant number() const { return text.empty() ? 0 : std::stoll(text); }
};

struct Parser {
  const Text& in;
  std::size_t at = 0;
  char peek() { return in.at(at = in.find_first_not_of(" \t\r,:", at)); }
  Text string() {
    std::size_t start = ++at;
    while (in.at(at) != '"') at += in.at(at) == '\\' ? 2 : 1;
    return in.substr(start, at++ - start);
  }
  Json value() {
    Json json;
    if (json.kind = peek(); json.kind == '"') {
      json.text = string();
    } else if (json.kind == '[') {
      for (++at; peek() != ']';) json.list.push_back(value());
      ++at;
    } else if (json.kind == '{') {
      for (++at; peek() != '}';) {
        Text key = string();
        json.dict[key] = value();
      }
      ++at;
    } else {
      std::size_t end = in.find_first_of(",]} \t\r", at);
      if (json.kind != 'n') json.text = in.substr(at, end - at);
      at = end;
    }
    return json;
  }
};

struct Entry { Instant registered; Text oid; };

struct Tracker {
  Instant grace, ttl, protection;
  std::map<Text, Entry> expected;
  std::map<Text, Instant> finalized, first_seen;

  void take(const Json& step) {
    Instant t = step["t"].number();
    const Text &event = step["event"].text, &cloid = step["cloid"].text, &oid = step["oid"].text;
    if (event == "register") {
      for (const Json& one : step["cloids"].list) expected[one.text] = {t, ""};
    } else if (event == "record_oid") {
      if (expected.contains(cloid)) expected[cloid].oid = oid;
    } else if (event == "finalize") {
      expected.erase(cloid);
      finalized[oid] = t;
    } else if (event == "fail") {
      expected.erase(cloid);
    } else if (event == "clear") {
      first_seen.erase(oid);
    } else {
      std::erase_if(expected, [&](const auto& item) { return t - item.second.registered >= ttl; });
      std::erase_if(finalized, [&](const auto& item) { return t - item.second >= protection; });
      std::erase_if(first_seen, [&](const auto& item) { return t - item.second >= 10 * grace; });
    }
  }

  std::vector<Text> sync(const Json& step) {
    Instant t = step["t"].number();
    std::vector<Text> cancelled;
    if (step["open"].kind == 'n') return cancelled;
    std::set<Text> kept;
    for (const Json& oid : step["local"].list) kept.insert(oid.text);
    for (const auto& [cloid, entry] : expected) kept.insert(entry.oid);
    for (const auto& [oid, at] : finalized) kept.insert(oid);
    for (const Json& row : step["open"].list) {
      const Text& oid = row["oid"].text;
      if (!kept.insert(oid).second) continue;
      if (t - first_seen.insert({oid, t}).first->second >= grace) {
        first_seen.erase(oid);
        cancelled.push_back(oid);
      }
    }
    return cancelled;
  }
};

int main() {
  for (Text line; std::getline(std::cin, line);) {
    Json request = Parser{line}.value();
    const Json& config = request["config"];
    Tracker tracker{config["orphan_grace_period"].number(), config["expected_cloid_ttl"].number(),
                    config["finalized_protection_period"].number()};
    Text results;
    for (const Json& step : request["steps"].list) {
      Text oids;
      tracker.take(step);
      bool sync = step["event"].text == "sync";
      if (sync)
        for (const Text& oid : tracker.sync(step)) oids += (oids.empty() ? "\"" : ",\"") + oid + "\"";
      results += results.empty() ? "{" : ",{";
      results += sync ? "\"cancelled\":[" + oids + "]}" : "}";
    }
    std::cout << R"({"ok":true,"implementation":{"name":"original-design","language":"c++","version":"1"},"id":)"
              << request["id"].number() << ",\"results\":[" << results << "]}" << std::endl;
    if (request["op"].text == "stop") return 0;
  }
}
