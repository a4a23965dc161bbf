package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"gasp/internal/report"
	"gasp/internal/source"
	"gasp/internal/store"
)

const crashesAbout = `receiver crashes lists the crashes that are stored, equal ones together: those
whose causes are alike and whose innermost functions are the same, in any build
and on any machine. The one that came last is at the end.

usage: receiver crashes [flags]
`

const crashesExits = `
exit codes: 0 there are some, 1 the folder cannot be read, 2 wrong usage, 4 there
is none (that the flags ask for)
`

// crashGroup is equal crashes, or those of a host.
type crashGroup struct {
	report.Group
	Host    string         `json:"host,omitempty"` // with -by host
	Count   int            `json:"count"`
	First   time.Time      `json:"first"`
	Last    time.Time      `json:"last"`
	Hosts   []string       `json:"hosts"`
	Groups  []string       `json:"groups,omitempty"` // with -by host
	Cause   string         `json:"cause"`            // of the last one
	Crashes []store.Stored `json:"crashes"`
}

func crashesCommand(args []string, stdout *os.File, stderr io.Writer) int {
	s := newSubcommand("crashes", crashesAbout, crashesExits, stderr)
	s.dirFlag()
	by := s.String("by", "group", "put those together that are equal (`what` is group), or those of a host")
	host := s.String("host", "", "only those of the `host`")
	group := s.String("group", "", "only those of the group whose `ID` begins so")
	all := s.Bool("all", false, "also reports on demand, of machines that went on")
	verbose := s.Bool("v", false, "also each crash by itself, and the functions that equal ones share")
	asJSON := s.Bool("json", false, "print a JSON array of groups, with their crashes")
	if code, ok := s.parse(args, 0, 0); !ok {
		return code
	}
	if *by != "group" && *by != "host" {
		return s.usage(fmt.Errorf("-by %q is none of group, host", *by))
	}
	list, damaged, err := store.List(s.dir)
	if errors.Is(err, os.ErrNotExist) {
		err = nil // nothing was stored yet
	}
	if err != nil {
		return s.fail(err)
	}
	if damaged > 0 {
		fmt.Fprintf(stderr, "%s: %s of reports in %s cannot be read\n", s.Name(), source.Count(damaged, "folder"), s.dir)
	}
	short := store.ShortIDs(list)
	list = slices.DeleteFunc(list, func(r store.Stored) bool {
		return r.Kind == "report" && !*all || *host != "" && r.Host != *host || !strings.HasPrefix(r.Group.ID, *group)
	})
	groups := gather(list, *by == "host")
	if *asJSON {
		if err := printJSON(stdout, groups); err != nil {
			return s.fail(err)
		}
	} else {
		printGroups(stdout, groups, *by == "host", *verbose, short)
	}
	if len(list) == 0 {
		fmt.Fprintf(stderr, "%s: no such crash is stored in %s\n", s.Name(), s.dir)
		return exitNothing
	}
	return exitOK
}

// gather puts crashes together, which are the oldest first.
func gather(list []store.Stored, byHost bool) []*crashGroup {
	groups := []*crashGroup{}
	found := make(map[string]*crashGroup)
	for _, r := range list {
		key := r.Group.ID
		if byHost {
			key = r.Host
		}
		g := found[key]
		if g == nil {
			g = &crashGroup{First: r.Began, Group: r.Group}
			if byHost {
				g.Host = r.Host
			}
			found[key] = g
			groups = append(groups, g)
		}
		g.Count++
		g.Last, g.Cause = r.Began, r.Cause
		if !slices.Contains(g.Hosts, r.Host) {
			g.Hosts = append(g.Hosts, r.Host)
		}
		if byHost {
			g.Group = r.Group // of the last one
			if !slices.Contains(g.Groups, r.Group.ID) {
				g.Groups = append(g.Groups, r.Group.ID)
			}
		}
		g.Crashes = append(g.Crashes, r)
	}
	slices.SortStableFunc(groups, func(a, b *crashGroup) int { return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.ID, b.ID)) })
	return groups
}

func printGroups(out io.Writer, groups []*crashGroup, byHost, verbose bool, short int) {
	if len(groups) == 0 {
		return
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	if byHost {
		fmt.Fprintln(w, "HOST\tCOUNT\tFIRST\tLAST\tGROUPS\tLAST FUNCTION\tLAST CAUSE")
	} else {
		fmt.Fprintln(w, "GROUP\tCOUNT\tFIRST\tLAST\tHOSTS\tFUNCTION\tCAUSE")
	}
	for _, g := range groups {
		name, others := g.ID, brief(g.Hosts)
		if byHost {
			name, others = g.Host, brief(g.Groups)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", report.Safe(name), g.Count, g.First.Local().Format(listTime), g.Last.Local().Format(listTime), others, top(g.Functions), cause(g.Cause))
	}
	w.Flush()
	for n, line := range slices.Collect(strings.Lines(table.String())) {
		io.WriteString(out, line)
		if verbose && n > 0 {
			printCrashes(out, groups[n-1], byHost, short)
		}
	}
}

// printCrashes prints each crash of a group.
func printCrashes(out io.Writer, g *crashGroup, byHost bool, short int) {
	if !byHost && len(g.Functions) > 0 {
		fmt.Fprintf(out, "  in %s\n", report.Safe(strings.Join(g.Functions, ", ")))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range g.Crashes {
		what := r.State
		if r.Kind != "crash" {
			what = r.Kind + ", " + what
		}
		build := r.Build[:min(len(r.Build), shownBuild)]
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\tbuild %s\t%s\n", r.ID[:min(short, len(r.ID))], r.Began.Local().Format(listTime), report.Safe(r.Host), what, report.Safe(build), cause(r.Cause))
	}
	w.Flush()
}

// shownBuild is how much of a build id a list shows.
const shownBuild = 12

// brief names the first of some and says how many more there are.
func brief(names []string) string {
	const shown = 2
	text := report.Safe(strings.Join(names[:min(len(names), shown)], " "))
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return text
}

func top(functions []string) string {
	if len(functions) == 0 {
		return "-"
	}
	return report.Safe(functions[0])
}

// cause is the first line of a cause, for a list.
func cause(text string) string {
	const longest = 80
	text, _, more := strings.Cut(text, "\n")
	if len(text) > longest {
		text, more = text[:longest], true
	}
	if text == "" {
		return "-"
	}
	text = report.Safe(text)
	if more {
		text += "..."
	}
	return text
}
