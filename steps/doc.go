// Package steps is the migration itself: the checklist of the official guide
// as an ordered list of steps, each a piece of data with one pure function
// that finds the places it owns in a project and says how to rewrite them.
//
// Steps never touch the disk, Git or a terminal. [Make] runs one step on a
// [rewrite.Project] with the decisions taken so far and returns a [Plan], a
// value: the same inputs give the same bytes. [Forecast] folds all steps over
// in-memory overlays.
//
// The rules the steps follow are those of the guide, corrected by what the SDK
// really does release by release; sdk.go holds those facts.
package steps
