// Package rewrite reads and edits Python source. It knows nothing of Sentry,
// Git or terminals.
//
// A [File] is an immutable reading of one file: its text, the tree of the
// statements that matter, its comments and its scopes. Offsets are bytes into
// [File.Source], lines and columns count from 1, paths are relative to the
// repository root and use slashes.
//
// Only the top-level statements a caller asks for are parsed; the others stay
// opaque and are known by the names they bind. That is what makes a tree of
// thirty thousand files affordable, and it also confines broken syntax to the
// statement that holds it. Plain Python is read by a parser of our own; whatever
// is broken, rare or doubtful by tree-sitter, whose tree is the measure of both.
//
// Changing a file means collecting [Edit] values against its source and
// applying them at once with [Apply]; bytes outside the edits never change.
package rewrite
