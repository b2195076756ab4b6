package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
)

const azureLong = `azure serves the embedded Azure to other programs: Resource Manager and Entra over HTTPS on this machine, under
their real names (management.azure.com, login.microsoftonline.com), through a proxy that answers for these names
itself and refuses every other one. Nothing leaves the machine.

It serves what the last "rehearse up" of the stack deployed, or an empty Azure. A standing "rehearse up" serves the
same, and its gateway besides. In another terminal:

  eval "$(rehearse azure --env)"   sends that terminal's programs to it

That sets HTTPS_PROXY, the certificate to trust, a service principal (AZURE_CLIENT_ID and others) and a
configuration folder of its own for az, so that your login to the real Azure is neither used nor changed.
Programs that read none of these variables still talk to the real Azure.

Operations that take Azure minutes are over at once. Ctrl-C stops it. What is served and what is not: docs/azure.md.`

const azureExamples = `  rehearse azure                       serve dev's Azure until Ctrl-C
  rehearse azure --stack prod          prod's
  eval "$(rehearse azure --env)"       in another terminal: its programs talk to it
  rehearse doctor --azure              there: the doctor's questions, put to the embedded Azure`

func newAzure(w work) *cobra.Command {
	var (
		t   target
		env bool
	)
	cmd := &cobra.Command{
		Use:     "azure",
		Short:   "Serve the embedded Azure under Azure's names",
		Long:    azureLong,
		Example: azureExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			if env {
				reach, err := w.reached(cmd.Context(), dir, t.stack)
				if errors.Is(err, rehearsal.ErrNotServed) {
					return fmt.Errorf("%w for %s: run rehearse azure --stack %s, or rehearse up, in another terminal", err, t.stack, t.stack)
				}
				if err != nil {
					return err
				}
				return printEnvironment(cmd.OutOrStdout(), reach)
			}
			p := progressOf(cmd)
			defer p.done()
			return w.azure(cmd.Context(), rehearsal.Options{ProjectDir: dir, Stack: t.stack, Progress: p.show, Log: p}, func(r rehearsal.Reach) {
				p.done()
				out := cmd.OutOrStdout()
				fmt.Fprintf(out, "\nThe embedded Azure of %s is served, with %d resources.\n", r.Stack, r.Resources)
				printReach(out, r)
				fmt.Fprintln(out, "Ctrl-C stops it.")
			})
		},
	}
	t.register(cmd)
	cmd.Flags().BoolVar(&env, "env", false, "print the variables that send a shell's programs to the Azure that is served, for eval")
	return cmd
}

// printReach shows where Azure answers and how a terminal is sent there.
func printReach(w io.Writer, r rehearsal.Reach) {
	for _, line := range [][2]string{{"proxy", r.Proxy}, {"certificate to trust", r.CAFile}, {"names", strings.Join(r.Hosts, ", ")}} {
		fmt.Fprintf(w, "  %-24s %s\n", line[0], line[1])
	}
	fmt.Fprintf(w, "\nTo send another terminal's programs to it:\n  eval \"$(rehearse azure --stack %s --env)\"\n", r.Stack)
}

// printEnvironment prints shell commands. A proxy is for every name: NO_PROXY could have Azure's own.
func printEnvironment(w io.Writer, r rehearsal.Reach) error {
	lines := []string{"unset NO_PROXY no_proxy"}
	for _, v := range [][2]string{
		{"HTTPS_PROXY", r.Proxy}, {"https_proxy", r.Proxy},
		{"SSL_CERT_FILE", r.CAFile}, {"REQUESTS_CA_BUNDLE", r.CAFile}, {"NODE_EXTRA_CA_CERTS", r.CAFile},
		{"AZURE_TENANT_ID", r.TenantID}, {"AZURE_CLIENT_ID", r.ClientID}, {"AZURE_CLIENT_SECRET", r.Secret},
		{"AZURE_SUBSCRIPTION_ID", r.SubscriptionID}, {"ARM_SUBSCRIPTION_ID", r.SubscriptionID},
		{"AZURE_CONFIG_DIR", r.LoginFolder},
	} {
		lines = append(lines, "export "+v[0]+"='"+strings.ReplaceAll(v[1], "'", `'\''`)+"'")
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
