package gitops

// headName is the ref that says where the work tree stands.
const headName = "HEAD"

// branchPrefix begins the full name of every branch.
const branchPrefix = "refs/heads/"

// refs reads and moves branches: in files, or by the installed git.
type refs interface {
	// resolve follows symbolic refs from name to a last ref and its value.
	// The value is "" if that ref does not exist yet.
	resolve(name string) (last string, value Hash, err error)
	// begin locks u.ref and checks that it still has the old value.
	begin(u refUpdate) (refTransaction, error)
	// point makes HEAD name a branch.
	point(target string, who signature, reason string) error
	// names lists the refs that begin with prefix.
	names(prefix string) ([]string, error)
	// former lists the values a ref had, by its reflog, the newest first.
	former(ref string) ([]Hash, error)
}

// refUpdate is one move of a ref; an empty old value means that the ref must
// not exist.
type refUpdate struct {
	ref      string
	old, new Hash
	who      signature
	reason   string // for the reflog
}

// refTransaction is a locked and checked move. Exactly one of its methods must
// be called.
type refTransaction interface {
	commit() error
	abort()
}
