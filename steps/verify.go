package steps

// Verify is the last step of the checklist. It rewrites nothing, so it stands
// outside [All]: its proof is a run, which "spanwalk verify" makes.
var Verify = &Step{
	Name:  "verify",
	Items: []int{23},
	Title: "prove that spans stream",
	Why: "Reading code cannot show that the program which runs is the one that streams. " +
		"A run of your tests or of the program itself, with a receiver in Sentry's place, can.",
	Doc: "spanwalk verify -- COMMAND runs COMMAND, shows the spans that arrive and fails while transactions still do. " +
		"The proof holds until a file that matters to Sentry changes.",
	Link: guide + "verification",
}
