// Package tui is the walk's face: a [wizard.Prompter] for a terminal.
//
// [Screen] draws: huh asks, a page of our own shows what a question is about,
// and the review is a program of its own. [Plain] writes the same content as
// numbered lines, without an escape byte, for screen readers, dumb terminals
// and answers that come through a pipe. Both drive the same review, [places],
// which knows no terminal.
//
// Every screen shows where the walk is, what will happen and how to go back;
// q, Ctrl-C and the end of the context leave it with [wizard.ErrAborted].
package tui
