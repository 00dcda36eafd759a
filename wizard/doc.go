// Package wizard is the walk: it goes through the checklist step by step, asks
// what only a person can know, shows every rewrite before it is made and makes
// one commit per step. It knows no terminal; everything a person sees or says
// goes through a [Prompter].
//
// # The walk
//
// [Open] finds the repository, settles what an interrupted run left behind,
// reads the project and gathers the decisions taken so far: those in commit
// trailers (the [Ledger]), those of the [Session] that no commit holds yet, and
// those given on the command line; later ones win.
//
// [Walk.Run] then takes each step in turn:
//
//	plan     the step on the tree as it stands now
//	ask      until no question is open (or it is put off), planning again after each answer
//	review   the plan; decisions about single places plan it again
//	commit   the very plan that was shown; if a file changed meanwhile, plan again
//
// A step that has nothing to change makes no commit. Stopping is possible
// everywhere and writes nothing.
//
// # What is remembered
//
// Git is the database: steps and decisions stand in commit messages. The
// session file holds only answers that no commit holds yet, steps that were
// skipped, and the last [Proof] that spans stream; deleting it loses no work.
// What is done is measured on the tree, never stored. A [Cache] in the user's own
// folder keeps what commands that only read have written, to write it again while
// nothing an [Inquiry] rests on has changed.
//
// # What is told
//
// [Walk.Status] measures the checklist, [Walk.Preview] and its formats show what
// the steps would do, [Walk.Report] says what they did and what was decided, and
// [Walk.Verify] runs a command with a [Sidecar] in Sentry's place.
package wizard
