package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/problem"
	"enterprise-openai/rehearsal"
)

// examined replaces the doctor by one that finds this.
func examined(findings ...doctor.Finding) func(*work) {
	return func(w *work) {
		w.doctor = func(_ context.Context, x rehearsal.Examination) (doctor.Report, error) {
			return doctor.Report{Stack: x.Stack, Date: "2026-11-25", Findings: findings}, nil
		}
	}
}

var (
	anError   = doctor.Finding{Check: "retirement", Severity: doctor.Error, Settings: []doctor.Place{{Path: "accounts[0]", Where: problem.Place{File: "Pulumi.prod.yaml", Line: 7}}}, Message: "retired", Remedy: "deploy another"}
	aWarning  = doctor.Finding{Check: "sla", Severity: doctor.Warning, Settings: []doctor.Place{{Path: "gateway.sku"}}, Message: "no agreement"}
	someReply = "prod: 1 error, 1 warning, 0 pieces of advice\n"
)

func TestOnlyAnErrorMakesTheDoctorFail(t *testing.T) {
	for name, c := range map[string]struct {
		findings []doctor.Finding
		code     int
	}{
		"nothing":              {nil, exitOK},
		"a warning":            {[]doctor.Finding{aWarning}, exitOK},
		"an error":             {[]doctor.Finding{anError}, exitFailed},
		"an error and warning": {[]doctor.Finding{anError, aWarning}, exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}} {
				got := rehearse(t, args, examined(c.findings...))
				assert.Equal(t, c.code, got.code)
				assert.Empty(t, got.stderr, "the report says it all")
			}
		})
	}
}

func TestTheDoctorPrintsLinesOrJSON(t *testing.T) {
	got := rehearse(t, []string{"doctor", "--stack", "prod"}, examined(anError, aWarning))
	assert.Equal(t, "Pulumi.prod.yaml:7: error: accounts[0]: retired; deploy another [retirement]\n"+
		"Pulumi.prod.yaml: warning: gateway.sku: no agreement [sla]\n\n"+someReply, got.stdout)

	got = rehearse(t, []string{"doctor", "--stack", "prod", "--json"}, examined(anError, aWarning))
	var report doctor.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	assert.Equal(t, []doctor.Finding{anError, aWarning}, report.Findings)
	assert.Equal(t, "prod", report.Stack)
}

func TestADoctorThatCannotLookSaysWhy(t *testing.T) {
	got := rehearse(t, []string{"doctor"}, func(w *work) {
		w.doctor = func(context.Context, rehearsal.Examination) (doctor.Report, error) {
			return doctor.Report{}, errors.New("no such luck")
		}
	})
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, "rehearse: doctor of dev: no such luck\n", got.stderr)
	assert.Empty(t, got.stdout)
}

func TestAzureIsAskedOnlyWhenWanted(t *testing.T) {
	for name, c := range map[string]struct {
		args         []string
		azure        bool
		subscription string
	}{
		"without":                {[]string{"doctor"}, false, ""},
		"with":                   {[]string{"doctor", "--azure"}, true, ""},
		"with one that is named": {[]string{"doctor", "--azure", "--subscription", "x"}, true, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			var examined rehearsal.Examination
			got := rehearse(t, c.args, func(w *work) {
				w.doctor = func(_ context.Context, x rehearsal.Examination) (doctor.Report, error) {
					examined = x
					return doctor.Report{}, nil
				}
			})
			assert.Equal(t, exitOK, got.code)
			assert.Equal(t, c.azure, examined.Azure)
			assert.Equal(t, c.subscription, examined.Subscription)
		})
	}
	got := rehearse(t, []string{"doctor", "--subscription", "x"})
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "--subscription is for --azure")
}
