// An orphan tracker in Go, written from the specification alone, behind the certification protocol.
// An order ages from the first snapshot that shows it unclaimed and unprotected; whatever protects it takes that age away.
package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
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

type window struct {
	until, registered int64
	oids              texts
}

type tracker struct {
	config
	events, latest                         int64
	windows                                map[string]window // by CLOID
	answered, finalized, finalizedAs, aged instants          // by OID
	shown                                  map[string][]string
}

func (k *tracker) take(s step) {
	k.events++
	maps.DeleteFunc(k.windows, func(_ string, w window) bool { return w.until <= s.T })
	w, open := k.windows[s.Cloid]
	switch s.Event {
	case "register":
		for _, cloid := range s.Cloids {
			oids := texts{}
			maps.Copy(oids, k.windows[cloid].oids)
			k.windows[cloid] = window{s.T + k.TTL, k.events, oids}
			renewed := func(oid string, _ int64) bool { return oids[oid] || slices.Contains(k.shown[cloid], oid) }
			maps.DeleteFunc(k.aged, renewed)
		}
	case "record_oid":
		_, again := k.answered[s.Oid]
		if open {
			w.oids[s.Oid] = true
		}
		if !again {
			k.answered[s.Oid] = s.T + k.Protection
		}
		if open || !again {
			delete(k.aged, s.Oid)
		}
	case "finalize":
		if _, again := k.finalized[s.Oid]; !again {
			k.finalized[s.Oid], k.finalizedAs[s.Oid] = s.T+k.Protection, k.events
			delete(k.aged, s.Oid)
		}
		if open && k.finalizedAs[s.Oid] > w.registered {
			delete(k.windows, s.Cloid)
		}
	case "fail":
		if len(w.oids) == 0 {
			delete(k.windows, s.Cloid)
		}
	case "clear":
		delete(k.aged, s.Oid)
	}
}

func (k *tracker) sync(s step) []string {
	cancelled, local, linked, ours, kept := []string{}, texts{}, texts{}, texts{}, instants{}
	if s.Open == nil || s.AsOf < k.latest {
		return cancelled
	}
	k.latest, k.shown = s.AsOf, map[string][]string{}
	for _, oid := range s.Local {
		local[oid] = true
	}
	for _, o := range *s.Open {
		ours[o.Oid] = ours[o.Oid] || strings.HasPrefix(o.Cloid, k.Prefix)
		if w, open := k.windows[o.Cloid]; open && !local[o.Oid] {
			w.oids[o.Oid] = true
		}
	}
	for _, w := range k.windows {
		maps.Copy(linked, w.oids)
	}
	for _, o := range *s.Open {
		foreign := k.Observe == "cloid" && !ours[o.Oid] && k.answered[o.Oid]+k.finalized[o.Oid] == 0
		if local[o.Oid] {
			continue
		}
		local[o.Oid] = true
		k.shown[o.Cloid] = append(k.shown[o.Cloid], o.Oid)
		since, aging := k.aged[o.Oid]
		if !aging {
			since = s.AsOf
		}
		switch {
		case linked[o.Oid] || s.T < k.answered[o.Oid] || s.T < k.finalized[o.Oid] || foreign:
		case s.AsOf-since >= k.Grace:
			cancelled = append(cancelled, o.Oid)
		default:
			kept[o.Oid] = since
		}
	}
	k.aged = kept
	return cancelled
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	about := map[string]string{"name": "from-the-specification", "language": "go", "version": "1"}
	for r := new(request); in.Decode(r) == nil && r.Op != ""; r = new(request) {
		k, results := &tracker{r.Config, 0, -1, map[string]window{}, instants{}, instants{}, instants{}, instants{}, nil}, make([]map[string][]string, len(r.Steps))
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
