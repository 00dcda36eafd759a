package gitops

import (
	"errors"
	"fmt"
	"strings"
)

// CreateBranch makes a branch at HEAD and switches to it. Files and index stay
// as they are. On an unborn branch it only renames what HEAD names.
func (r *Repo) CreateBranch(name string) error {
	if err := r.createBranch(name); err != nil {
		return fmt.Errorf("create branch %s: %w", name, err)
	}
	return nil
}

func (r *Repo) createBranch(name string) error {
	ref := branchPrefix + name
	if err := checkBranchName(name); err != nil {
		return err
	}
	if err := r.checkBranchFree(ref); err != nil {
		return err
	}
	head, err := r.Head()
	if err != nil {
		return err
	}
	who, err := r.signature("COMMITTER")
	if err != nil {
		return err
	}
	from := head.Branch
	if head.Detached {
		from = string(head.Hash)
	}
	if !head.Unborn {
		move, err := r.refs.begin(refUpdate{ref: ref, new: head.Hash, who: who, reason: "branch: Created from HEAD"})
		if err != nil {
			return err
		}
		if err := move.commit(); err != nil {
			return err
		}
	}
	return r.refs.point(ref, who, "checkout: moving from "+from+" to "+name)
}

// checkBranchName applies the rules of git-check-ref-format.
func checkBranchName(name string) error {
	bad := name == "" || name == headName || name == "@" || name[0] == '-' || strings.HasSuffix(name, ".") ||
		strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.ContainsAny(name, " ~^:?*[\\\x7f")
	for part := range strings.SplitSeq(name, "/") {
		bad = bad || part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock")
	}
	for _, c := range []byte(name) {
		bad = bad || c < 0x20
	}
	if bad {
		return errors.New("not a name that git allows for a branch")
	}
	return nil
}

// checkBranchFree refuses a name that exists, and one that would be a folder
// and a file at once.
func (r *Repo) checkBranchFree(ref string) error {
	names, err := r.refs.names(branchPrefix)
	if err != nil {
		return err
	}
	for _, other := range names {
		switch {
		case other == ref:
			return errors.New("it exists already; switch to it: git switch " + strings.TrimPrefix(ref, branchPrefix))
		case strings.HasPrefix(ref, other+"/"), strings.HasPrefix(other, ref+"/"):
			return errors.New("git cannot have it beside the branch " + strings.TrimPrefix(other, branchPrefix))
		}
	}
	return nil
}
