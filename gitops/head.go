package gitops

import "strings"

// Head is where the work tree stands.
type Head struct {
	Branch   string // short name of the branch, or "" when detached
	Ref      string // full name of the branch, or HEAD when detached
	Hash     Hash   // the commit, or "" when unborn
	Detached bool   // HEAD names a commit, not a branch
	Unborn   bool   // the branch has no commit yet
	Default  bool   // the branch is one that others build on; see [Repo.Head]
}

// Head reads where the work tree stands. A branch is a default branch when it
// is called main or master, when the remote's HEAD names it or when
// init.defaultBranch does.
func (r *Repo) Head() (Head, error) {
	ref, value, err := r.refs.resolve(headName)
	if err != nil {
		return Head{}, err
	}
	h := Head{Ref: ref, Hash: value, Detached: ref == headName, Unborn: value == ""}
	if !h.Detached {
		h.Branch = strings.TrimPrefix(ref, branchPrefix)
		h.Default, err = r.isDefaultBranch(h.Branch)
	}
	return h, err
}

func (r *Repo) isDefaultBranch(name string) (bool, error) {
	if name == "main" || name == "master" || name == r.config.str("init.defaultbranch") {
		return true, nil
	}
	const remote = "refs/remotes/origin/"
	target, _, err := r.refs.resolve(remote + headName)
	return target == remote+name, err
}

// Former returns the commits that the branch of HEAD, or a detached HEAD, named
// before, the newest first, as far as the reflog goes back. Git may have removed
// some of them since.
func (r *Repo) Former() ([]Hash, error) {
	head, err := r.Head()
	if err != nil || head.Unborn {
		return nil, err
	}
	return r.refs.former(head.Ref)
}
