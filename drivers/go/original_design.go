// A wrong orphan tracker, as the design that started this work has it: three faults that certification must find.
//
// An expected CLOID protects only through its recorded OID. First-seen survives a period of protection. Instants older than
// ten graces are collected before the filter looks at them.
package main

import (
	"encoding/json"
	"os"
)

type texts map[string]bool
type instants map[string]int64

type step struct {
	Event, Cloid, Oid string
	T                 int64
	AsOf              int64 `json:"as_of"`
	Cloids, Local     []string
	Open              *[]struct{ Oid, Cloid string }
}

type config struct {
	Grace      int64  `json:"orphan_grace_period"`
	TTL        int64  `json:"expected_cloid_ttl"`
	Protection int64  `json:"finalized_protection_period"`
	Prefix     string `json:"owned_cloid_prefix"`
	Observe    string
}

type request struct {
	Op     string
	ID     int64
	Config config
	Steps  []step
}

type entry struct {
	registered int64
	oid        string
}

type tracker struct {
	config
	expected             map[string]entry // by CLOID
	finalized, firstSeen instants         // by OID
}

func (k *tracker) take(s step) {
	switch s.Event {
	case "register":
		for _, cloid := range s.Cloids {
			k.expected[cloid] = entry{s.T, ""}
		}
	case "record_oid":
		if e, known := k.expected[s.Cloid]; known {
			k.expected[s.Cloid] = entry{e.registered, s.Oid}
		}
	case "finalize":
		delete(k.expected, s.Cloid)
		k.finalized[s.Oid] = s.T
	case "fail":
		delete(k.expected, s.Cloid)
	case "clear":
		delete(k.firstSeen, s.Oid)
	case "cleanup", "sync":
		for cloid, e := range k.expected {
			if s.T-e.registered >= k.TTL {
				delete(k.expected, cloid)
			}
		}
		collect(k.finalized, s.T-k.Protection)
		collect(k.firstSeen, s.T-10*k.Grace)
	}
}

func collect(instants instants, last int64) {
	for oid, t := range instants {
		if t <= last {
			delete(instants, oid)
		}
	}
}

func (k *tracker) sync(s step) []string {
	cancelled, kept := []string{}, texts{}
	if s.Open == nil {
		return cancelled
	}
	for _, oid := range s.Local {
		kept[oid] = true
	}
	for _, e := range k.expected {
		kept[e.oid] = true
	}
	for oid := range k.finalized {
		kept[oid] = true
	}
	for _, o := range *s.Open {
		if kept[o.Oid] {
			continue
		}
		kept[o.Oid] = true
		if seen, known := k.firstSeen[o.Oid]; !known {
			k.firstSeen[o.Oid] = s.T
		} else if s.T-seen >= k.Grace {
			cancelled = append(cancelled, o.Oid)
			delete(k.firstSeen, o.Oid)
		}
	}
	return cancelled
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	about := map[string]string{"name": "original-design", "language": "go", "version": "1"}
	for r := new(request); in.Decode(r) == nil && r.Op != ""; r = new(request) {
		k, results := &tracker{r.Config, map[string]entry{}, instants{}, instants{}}, make([]map[string][]string, len(r.Steps))
		for i, s := range r.Steps {
			results[i] = map[string][]string{}
			if k.take(s); s.Event == "sync" {
				results[i]["cancelled"] = k.sync(s)
			}
		}
		if _ = out.Encode(map[string]any{"id": r.ID, "ok": true, "implementation": about, "results": results}); r.Op == "stop" {
			return
		}
	}
}
