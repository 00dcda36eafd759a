package gitops

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFormatMessage(t *testing.T) {
	got := FormatMessage("  Migrate  start_span()\n", "Why.  \n\n\n\nSpanwalk-Step: not a trailer\nMore.\n\n", []Trailer{
		{"Spanwalk-Step", "start-span"},
		{"Spanwalk-Decision", "root-trace app/tasks.py::sync/start_transaction#1 = current-trace because it is long"},
		{"Spanwalk-Note", "two  blanks, a \\ and\na line"},
		{"Spanwalk-Empty", ""},
	})
	want := `Migrate start_span()

Why.

- Spanwalk-Step: not a trailer
More.

Spanwalk-Step: start-span
Spanwalk-Decision: root-trace app/tasks.py::sync/start_transaction#1 =
  current-trace because it is long
Spanwalk-Note: two\x20\x20blanks, a \\ and\x0aa line
Spanwalk-Empty:
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTrailersSurviveGit hands a message to everything of git's that cleans,
// edits or joins messages; all trailers are still there afterwards.
func TestTrailersSurviveGit(t *testing.T) {
	trailers := []Trailer{
		{"Spanwalk-Step", "start-transaction"},
		{"Spanwalk-Decision", "root-trace app/a_rather_long_name.py::Some.method/start_transaction#1 = #own-trace; - x"},
		{"Spanwalk-Decision", "missing-name ü.py::f/start_span#1 = GET  /users"},
		{"Spanwalk-Version", "0.1.0"},
	}
	body := "2 places in 1 file.\n\n- app/a.py:3: to be reviewed\n# not a comment\n------------------------ >8 ------------------------"
	for _, cleanup := range []string{"default", "strip", "whitespace", "verbatim", "scissors"} {
		for _, comment := range []string{"#", "-", ";"} {
			t.Run(cleanup+comment, func(t *testing.T) {
				t.Parallel()
				d := newRepo(t)
				d.git("config", "commit.cleanup", cleanup)
				d.git("config", "core.commentChar", comment)
				d.git("config", "core.editor", "true")
				c := d.step()
				c.Message = FormatMessage("Migrate start_transaction()", body, trailers)
				if _, err := d.open().Commit(c, Options{}); err != nil {
					t.Fatal(err)
				}
				again := func(what string, want ...Trailer) {
					t.Helper()
					if diff := cmp.Diff(want, ParseTrailers(d.git("log", "-1", "--format=%B"))); diff != "" {
						t.Errorf("%s: %s", what, diff)
					}
				}
				again("committed", trailers...)
				d.git("commit", "--amend", "-q", "--no-edit", "--reset-author")
				again("amended", trailers...)
				d.git("commit", "--amend", "-q")
				again("edited", trailers...)
				d.git("-c", "sequence.editor=sed -i s/^pick/reword/", "rebase", "-q", "-i", "HEAD~1")
				again("reworded", trailers...)
				d.write("setup.py", "more\n")
				d.git("commit", "-q", "-a", "-m", FormatMessage("Second", "", []Trailer{{"Spanwalk-Step", "start-span"}}))
				d.git("-c", "sequence.editor=sed -i 2s/^pick/squash/", "rebase", "-q", "-i", "HEAD~2")
				again("squashed", append(trailers, Trailer{"Spanwalk-Step", "start-span"})...)
				d.git("switch", "-q", "-C", "other", "HEAD~1")
				d.git("merge", "-q", "--squash", "main")
				d.git("commit", "-q", "--no-edit")
				again("squashed by a merge", append(trailers, Trailer{"Spanwalk-Step", "start-span"})...)
			})
		}
	}
}

func TestParseTrailers(t *testing.T) {
	tests := []struct {
		name, message string
		want          []Trailer
	}{
		{"none", "Subject\n\nbody\n", nil},
		{"signed off below", "S\n\nSpanwalk-Step: a\nSigned-off-by: x\n", []Trailer{{"Spanwalk-Step", "a"}}},
		{"squashed on a forge", "All (#1)\n\n* One\n\nSpanwalk-Step: a\n\n* Two\r\n\r\nSpanwalk-Step: b\r\n", []Trailer{{"Spanwalk-Step", "a"}, {"Spanwalk-Step", "b"}}},
		{"git merge --squash", "Squashed commit of the following:\n\ncommit 1\n\n    One\n\n    Spanwalk-Step: a\n    Spanwalk-Decision: k =\n      v\n    text\n", []Trailer{{"Spanwalk-Step", "a"}, {"Spanwalk-Decision", "k = v"}}},
		{"continuation that looks like a trailer", "S\n\nSpanwalk-A: x\n  Spanwalk-B: y\n", []Trailer{{"Spanwalk-A", "x Spanwalk-B: y"}}},
		{"in a sentence", "S\n\nSee Spanwalk-Step: a.\n> Spanwalk-Step: b\n", nil},
		{"no name", "S\n\nSpanwalk-: a\nSpanwalk-x y: b\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ParseTrailers(test.message)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzTrailers: whatever the values are, they come back; from the message as it
// is, cleaned by git, indented by a squash and with line ends of Windows.
func FuzzTrailers(f *testing.F) {
	f.Add("Subject", "Body", "start-span", "root-trace a b = c")
	f.Add("Spanwalk-Step: x", "Spanwalk-Step: y\n  z", " lead and trail ", "a\nb\r\n\tc\x00\xff\\x20")
	f.Add("", "#comment", strings.Repeat("word ", 50), strings.Repeat("x", 200)+" "+strings.Repeat("y", 200))
	f.Fuzz(func(t *testing.T, subject, body, one, two string) {
		want := []Trailer{{"Spanwalk-Step", one}, {"Spanwalk-Decision", two}, {"Spanwalk-Version", "0.1.0"}}
		message := FormatMessage(subject, body, want)
		if got := cleanMessage(message); got != message {
			t.Errorf("git would clean %q to %q", message, got)
		}
		indented := "    " + strings.ReplaceAll(message, "\n", "\n    ")
		for _, text := range []string{message, indented, strings.ReplaceAll(message, "\n", "\r\n"), message + "Signed-off-by: x <y>\n"} {
			if diff := cmp.Diff(want, ParseTrailers(text)); diff != "" {
				t.Errorf("from %q:\n%s", text, diff)
			}
		}
		for line := range strings.SplitSeq(message, "\n") {
			if isOurs := strings.HasPrefix(line, "Spanwalk-S") || strings.HasPrefix(line, "Spanwalk-D"); isOurs && !utf8.ValidString(line) {
				t.Errorf("not UTF-8: %q", line)
			}
		}
	})
}
