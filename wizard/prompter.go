package wizard

import (
	"context"
	"time"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Prompter is the person's side of the walk: a full screen, plain lines, or
// nobody. Every method may return [ErrAborted], which ends the walk with
// nothing half written; they return it when ctx ends too.
type Prompter interface {
	// Unfinished is asked when an earlier run was interrupted while it wrote.
	Unfinished(context.Context, Unfinished) (Recovery, error)
	// Overview shows what was found, before anything is asked or written.
	Overview(context.Context, *Overview) (Start, error)
	// Ask puts one question.
	Ask(context.Context, *Question) (Reply, error)
	// Review shows what a step would change.
	Review(context.Context, *Review) (Verdict, error)
	// TakeBack is asked how to take a step back. It returns the way of one of
	// the offers; [Undecided] stops.
	TakeBack(context.Context, *TakeBack) (Way, error)
	// Message shows the commit that is about to be made; it may edit the
	// message's subject and body in place. [ErrBack] shows the review again.
	Message(context.Context, *Proposal) error
	// HookFailed is asked when one of the user's Git hooks refused a commit.
	HookFailed(context.Context, *gitops.HookError) (HookChoice, error)
	// Say tells what happened. It asks nothing and never blocks.
	Say(Event)
}

// Unfinished describes a change that was interrupted between two writes.
type Unfinished struct {
	Step    string // the step that was being committed, "" if unknown
	Pending *gitops.Pending
	State   gitops.PendingState
}

// Recovery is what to do about an interrupted change.
type Recovery int

// What can be done about an interrupted change.
const (
	Finish Recovery = iota // write the rest and commit
	Undo                   // put the files back as they were
)

// Overview is what the walk found.
type Overview struct {
	Root      string
	Head      gitops.Head
	Python    int              // tracked Python files
	Forecast  []*steps.Plan    // every step, each on the result of those before it
	Mixed     int              // places that raise or go silent right now
	Notes     []Note           // files that could not be read whole
	Problems  []gitops.Problem // warnings about the repository
	Committed []Entry          // steps that stand, newest first
	Kept      int              // answers no commit holds yet
	Last      time.Time        // when an earlier run last committed or began to keep answers; zero if there was none
	Rebased   int              // how many of Committed were rebased or amended since they were made
	Changed   []string         // files of the project that other commits changed since the last run, sorted
	Own       []string         // paths with changes of the person's own, which stay as they are
	Suggested string           // a name for a new branch
	// Preview plans all steps as if every recommended option were taken and
	// every place of tier review accepted.
	Preview func() ([]*steps.Plan, error)
	Earlier string // a branch on which an earlier walk may have committed, besides the one checked out; or ""
}

// Start is how the walk goes on after the overview.
type Start struct {
	Branch string // make this branch first; "" stays on the current one
	Look   bool   // write nothing
}

// Question is one open question of a step, with what is needed to show it.
type Question struct {
	steps.Question
	Step   *steps.Step
	Number int              // 1-based, among the open questions of this step
	Of     int              // those alike count as one
	File   *rewrite.File    // the file it asks about; nil for the whole step
	Line   int              // 1-based; 0 for the whole step
	Alike  []steps.Question // the other open questions with the same options and shape
	Before string           // the option chosen when the step was run before and taken back
	Back   bool             // there is an answer of the step to take back, see [Reply]
}

// Reply is what a person said to a [Question].
type Reply struct {
	Decisions []steps.Decision // for this place, and for those alike if wanted
	Later     bool             // not now: its place is left alone and listed
	Back      bool             // take the answer before this one back and ask it again
	Skip      string           // leave the whole step out for this reason
}

// Review is a plan to be looked at.
type Review struct {
	Plan    *steps.Plan
	Project *rewrite.Project
	Number  int                   // 1-based position of the step in the walk
	Of      int                   //
	Mixed   int                   // places that raise or go silent before the plan
	After   func(*steps.Plan) int // and after it
	Changed []string              // files that changed on disk since the plan was last shown
	Decided map[string]string     // finding key -> what was decided about it before: "yes", "no" or an alternative
	Back    bool                  // the step's last answer can be taken back, see [Verdict]
	Again   bool                  // the step was committed before
	Revert  bool                  // the plan takes a step back or brings one back
	// Replan plans the step again with more decisions, such as "apply" for
	// single places.
	Replan func(...steps.Decision) (*steps.Plan, error)
}

// Verdict is what a person said to a [Review]. Its decisions are kept also when
// the person stops there.
type Verdict struct {
	Plan      *steps.Plan      // what to commit: the review's plan or one of Replan's; nil leaves the step out
	Decisions []steps.Decision // what Plan was made with, besides what was decided before
	Skip      string           // why the step is left out
	Back      bool             // take the last answer to a question of the step back and ask it again
}

// Proposal is a commit about to be made.
type Proposal struct {
	Plan     *steps.Plan
	Subject  string
	Body     string
	Trailers []gitops.Trailer
	Author   string // "Name <email>"
	Branch   string
	Hooks    []string // of the user's that will run
	Signed   bool
	Before   int // places that raise or go silent before the commit
	After    int // and after it
}

// HookChoice is what to do when a hook refused a commit.
type HookChoice int

// What can be done when a hook refused a commit.
const (
	StopAtHook HookChoice = iota
	RetryHook
	WithoutHooks // recorded in the commit's trailers
)

// Event is something that happened.
type Event struct {
	Kind   EventKind
	Step   string         // the step concerned, or ""
	Text   string         // one line, lower case, no period; for Committed its subject
	Next   string         // the next command, or ""
	Commit *gitops.Commit // of a Committed event
	Plan   *steps.Plan    // of a Committed or Skipped event
}

// EventKind tells events apart.
type EventKind int

// The kinds of events.
const (
	Progress  EventKind = iota // what is being done
	Warning                    // something to know; nothing stopped
	Committed                  // a step was committed
	Written                    // a step was written without a commit
	Skipped                    // a step was left out
	HookLine                   // a line one of the user's hooks printed
)
