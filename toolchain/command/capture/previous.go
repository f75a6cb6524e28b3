package capture

import (
	"context"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
)

// longestVariable is what Linux allows for one variable with its name (MAX_ARG_STRLEN, less the zero at the end).
const longestVariable = 128<<10 - 1

// Previous returns the output of the run before as variables for the next one. wanted is the resource's
// `addPreviousOutputInEnv`; nil stands for yes.
func Previous(ctx context.Context, wanted *bool, stdout, stderr string) map[string]string {
	if wanted != nil && !*wanted {
		return nil
	}
	variables := map[string]string{}
	for name, text := range map[string]string{"PULUMI_COMMAND_STDOUT": stdout, "PULUMI_COMMAND_STDERR": stderr} {
		switch {
		case text == "":
		case len(name)+1+len(text) > longestVariable || strings.ContainsRune(text, 0):
			p.GetLogger(ctx).Warningf("%s is left out: the output of the run before does not fit into a variable. "+
				"Set addPreviousOutputInEnv to false if the command does not need it.", name)
		default:
			variables[name] = text
		}
	}
	return variables
}
