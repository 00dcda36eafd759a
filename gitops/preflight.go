package gitops

func (r *Repo) stateProblems() ([]Problem, error) { return nil, nil }
func unfinishedProblem(p *Pending) Problem        { return Problem{Code: UnfinishedRun, Fatal: true} }
