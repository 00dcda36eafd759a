// Package gitops reads a Git work tree and makes commits in it that look as if
// the user's own Git had made them.
//
// It keeps these promises:
//
//   - History is never rewritten: every change is a new commit on top of HEAD.
//   - Only the paths of a [Change] are touched. Staged and unstaged work on
//     other paths stays byte for byte as it was.
//   - Nothing is half done. A commit is either there with its files and index
//     entries, or everything is as it was. When the process is killed between
//     two writes, the write-ahead record ([Pending]) says what was under way and
//     [Repo.FinishPending] or [Repo.UndoPending] brings the tree to one of its
//     two ends.
//   - Locks of other processes are respected and never removed.
//   - What the package cannot do right, it refuses with a [Problem] that names
//     the thing and the next command.
//
// # How a commit is made
//
// The tree is HEAD's tree with only our blobs replaced. The order of writes is:
// index.lock, objects, write-ahead record, files by atomic rename, (hooks),
// lock of the branch, index entries, reflog, branch, removal of the record and
// the locks. The branch moves only if it still is where the change was planned.
//
// # What the installed git does
//
// go-git serves as object store; index, references and configuration are read
// and written here. Where that cannot do (SHA-256 objects, reftable references,
// repositories shared by several users, a reference-transaction hook) the
// installed git does that one operation through its plumbing commands, and it
// signs commits. [Repo.SystemGit] lists these operations so that a screen can
// say so. A split index is written in one piece and, where git is installed,
// split again.
//
// Paths are slash separated and relative to the root of the work tree. Hashes
// are lower-case hexadecimal.
package gitops
