// An orphan tracker in C++, written from the specification alone, behind the certification protocol.
//
// An order ages from the first snapshot that shows it unclaimed and unprotected; whatever protects it takes that age away.
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

struct Window { Instant until = 0; int registered = 0; std::set<Text> oids; };
struct News { Instant until; int event; };

struct Tracker {
  Instant grace, ttl, protection;
  Text prefix;
  int events = 0;
  Instant latest = -1;
  std::map<Text, Window> windows;
  std::map<Text, News> answered, finalized;
  std::map<Text, Instant> aged;
  std::map<Text, std::set<Text>> shown;

  void take(const Json& step) {
    Instant t = step["t"].number();
    const Text &event = step["event"].text, &cloid = step["cloid"].text, &oid = step["oid"].text;
    ++events;
    std::erase_if(windows, [t](const auto& item) { return item.second.until <= t; });
    auto window = windows.find(cloid);
    bool open = window != windows.end();
    if (event == "register") {
      for (const Json& one : step["cloids"].list) {
        Window& opened = windows[one.text];
        opened.until = t + ttl;
        opened.registered = events;
        for (const Text& linked : opened.oids) aged.erase(linked);
        for (const Text& bearer : shown[one.text]) aged.erase(bearer);
      }
    } else if (event == "record_oid") {
      if (answered.insert({oid, {t + protection, events}}).second || open) aged.erase(oid);
      if (open) window->second.oids.insert(oid);
    } else if (event == "finalize") {
      if (finalized.insert({oid, {t + protection, events}}).second) aged.erase(oid);
      if (open && finalized.at(oid).event > window->second.registered) windows.erase(window);
    } else if (event == "fail") {
      if (open && window->second.oids.empty()) windows.erase(window);
    } else if (event == "clear") {
      aged.erase(oid);
    }
  }

  std::vector<Text> sync(const Json& step) {
    Instant t = step["t"].number(), as_of = step["as_of"].number();
    std::vector<Text> cancelled;
    if (step["open"].kind == 'n' || as_of < latest) return cancelled;
    latest = as_of;
    shown.clear();
    std::set<Text> linked;
    std::map<Text, const Json*> candidates;
    for (const Json& row : step["open"].list)
      if (const Json*& kept = candidates[row["oid"].text]; !kept || !(*kept)["cloid"].text.starts_with(prefix)) kept = &row;
    for (const Json& oid : step["local"].list) candidates.erase(oid.text);
    for (const auto& [oid, row] : candidates) {
      shown[(*row)["cloid"].text].insert(oid);
      if (auto window = windows.find((*row)["cloid"].text); window != windows.end()) window->second.oids.insert(oid);
    }
    for (const auto& [cloid, window] : windows) linked.insert(window.oids.begin(), window.oids.end());
    std::map<Text, Instant> still;
    for (const auto& [oid, row] : candidates) {
      bool named = answered.contains(oid) || finalized.contains(oid);
      bool heard = (answered.contains(oid) && t < answered.at(oid).until) || (finalized.contains(oid) && t < finalized.at(oid).until);
      bool foreign = !named && row->dict.contains("cloid") && !(*row)["cloid"].text.starts_with(prefix);
      if (linked.contains(oid) || heard || foreign) continue;
      Instant since = aged.contains(oid) ? aged.at(oid) : as_of;
      if (as_of - since >= grace) cancelled.push_back(oid);
      else still[oid] = since;
    }
    aged = still;
    return cancelled;
  }
};

int main() {
  for (Text line; std::getline(std::cin, line);) {
    Json request = Parser{line}.value();
    const Json& config = request["config"];
    Tracker tracker{config["orphan_grace_period"].number(), config["expected_cloid_ttl"].number(),
                    config["finalized_protection_period"].number(), config["owned_cloid_prefix"].text};
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
    std::cout << R"({"ok":true,"implementation":{"name":"from-the-specification","language":"c++","version":"1"},"id":)"
              << request["id"].number() << ",\"results\":[" << results << "]}" << std::endl;
    if (request["op"].text == "stop") return 0;
  }
}
