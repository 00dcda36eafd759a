package gitops

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Preflight looks at the state of the repository and at exactly these paths,
// and returns what forbids changing and committing them (Fatal) and what the
// user should know before. Everything else in the work tree is left alone and
// not looked at. The error is for what could not be looked at.
func (r *Repo) Preflight(paths []string) ([]Problem, error) { return r.PreflightFor(ToCommit, paths) }

// PreflightFor is Preflight for changes that do not go as far as a commit: for
// ToIndex staged work in the paths is no problem, for ToWorktree no work is.
func (r *Repo) PreflightFor(kind Kind, paths []string) ([]Problem, error) {
	problems, err := r.allStateProblems(kind)
	if err != nil {
		return nil, err
	}
	in, err := r.inspect(kind)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(slices.Values(paths)) {
		s, err := in.look(path)
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", path, err)
		}
		s.mustExist()
		problems = append(problems, s.problems...)
	}
	problems = append(problems, in.caseDuplicates(paths)...)
	return problems, nil
}

// allStateProblems are those that forbid a change and those worth knowing.
func (r *Repo) allStateProblems(kind Kind) ([]Problem, error) {
	var problems []Problem
	p, err := r.Pending()
	if err != nil {
		return nil, err
	}
	if p != nil {
		problems = append(problems, unfinishedProblem(p))
	}
	if kind != ToCommit {
		return problems, nil
	}
	state, err := r.stateProblems()
	if err != nil {
		return nil, err
	}
	problems = append(problems, state...)
	if _, _, err := r.Identity(); err != nil {
		problems = append(problems, Problem{Code: NoIdentity, Message: err.Error(), Hint: Hint(err), Fatal: true})
	}
	for _, line := range r.SystemGit() {
		problems = append(problems, Problem{Code: UsesSystemGit, Message: "the installed git is used to " + line})
	}
	problems = append(problems, r.headProblems()...)
	shallow, err := r.shallowCommits()
	if len(shallow) > 0 {
		problems = append(problems, Problem{
			Code: ShallowClone, Message: "the clone is shallow: steps committed before its first commit are not known here",
			Hint: "git fetch --unshallow",
		})
	}
	return problems, err
}

func unfinishedProblem(p *Pending) Problem {
	return Problem{
		Code: UnfinishedRun, Fatal: true,
		Message: fmt.Sprintf("a run of %s was not finished", p.Started.Format(time.DateTime)),
		Hint:    "start spanwalk again: it offers to finish or to undo it",
	}
}

// headProblems says where a commit would go if that may not be meant.
func (r *Repo) headProblems() []Problem {
	head, err := r.Head()
	switch {
	case err != nil:
		return nil // stateProblems has reported it
	case head.Detached:
		return []Problem{{
			Code: DetachedHead, Message: "HEAD is detached at " + head.Hash.Short() + "; commits made here belong to no branch",
			Hint: "git switch -c NAME, or spanwalk --branch NAME",
		}}
	case head.Default:
		return []Problem{{
			Code: DefaultBranch, Message: "commits would go to " + head.Branch + ", a branch that others build on",
			Hint: "git switch -c NAME, or spanwalk --branch NAME",
		}}
	}
	return nil
}

// inProgress are the files that git keeps while something is not finished.
var inProgress = []struct {
	file string
	code Code
	what string
	hint string
}{
	{"rebase-merge", RebaseInProgress, "a rebase", "git rebase --continue, or git rebase --abort"},
	{"rebase-apply/applying", RebaseInProgress, "git am", "git am --continue, or git am --abort"},
	{"rebase-apply", RebaseInProgress, "a rebase", "git rebase --continue, or git rebase --abort"},
	{"MERGE_HEAD", MergeInProgress, "a merge", "git merge --continue, or git merge --abort"},
	{"CHERRY_PICK_HEAD", PickInProgress, "a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"},
	{"REVERT_HEAD", RevertInProgress, "a revert", "git revert --continue, or git revert --abort"},
	{"sequencer", PickInProgress, "a series of cherry-picks or reverts", "git cherry-pick --continue, or git cherry-pick --abort"},
	{"BISECT_LOG", BisectInProgress, "a bisect", "git bisect reset"},
}

// stateProblems are the states of the repository in which no commit is made.
func (r *Repo) stateProblems() ([]Problem, error) {
	for _, s := range inProgress {
		if !r.present(s.file) {
			continue
		}
		return []Problem{{Code: s.code, Message: s.what + " is in progress", Hint: s.hint, Fatal: true}}, nil
	}
	head, err := r.Head()
	if err != nil {
		return nil, err
	}
	if head.Unborn {
		return []Problem{{
			Code: UnbornBranch, Fatal: true, Message: "the repository has no commit yet",
			Hint: "git add . && git commit -m 'Initial commit'",
		}}, nil
	}
	return nil, nil
}

// present looks for a file of git's; in a reftable repository the heads among
// them are refs.
func (r *Repo) present(name string) bool {
	if fileExists(filepath.Join(r.gitDir, filepath.FromSlash(name))) {
		return true
	}
	if _, files := r.refs.(*fileRefs); files || !strings.HasSuffix(name, "_HEAD") {
		return false
	}
	_, value, err := r.refs.resolve(name)
	return err == nil && value != ""
}

// caseDuplicates finds tracked paths that differ from the wanted ones by case
// only: on many file systems the two are one file.
func (in *inspection) caseDuplicates(paths []string) []Problem {
	wanted := map[string]string{}
	for _, path := range paths {
		wanted[strings.ToLower(path)] = path
	}
	var problems []Problem
	for i := range in.index.entries {
		other := in.index.entries[i].path
		path, found := wanted[strings.ToLower(other)]
		if !found || path == other {
			continue
		}
		problems = append(problems, Problem{
			Code: CaseDuplicate, Path: path, Fatal: in.repo.foldsCase(),
			Message: "git also tracks " + other + ", which differs by upper and lower case only",
			Hint:    "git mv one of the two to another name",
		})
	}
	return problems
}
