package arm

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

type deploymentMode string

type deploymentModel struct {
	Tags       map[string]*string `json:"tags,omitzero"`
	Location   *string            `json:"location,omitzero"`
	Properties *struct {
		Mode       *deploymentMode `json:"mode,omitzero"`
		Template   map[string]any  `json:"template,omitzero"`
		Parameters map[string]any  `json:"parameters,omitzero"`
	} `json:"properties,omitzero"`
}

// templateResource is one resource of a template with its place worked out.
type templateResource struct {
	id      ID
	version string
	source  map[string]any
	after   []int
}

// plan reads the resources of a template and orders them by their dependencies.
func (t *templateScope) plan(template map[string]any) ([]*templateResource, *Error) {
	var list []*templateResource
	for i, source := range items(template, "resources") {
		for _, key := range sortedKeys(source) {
			if !resourceKeys[key] {
				return nil, badTemplate("The property '%s' of the resource at line '%d' is not modelled by the embedded Azure", key, i+1)
			}
		}
		r, err := t.place(source)
		if err != nil {
			return nil, badTemplate("The template resource at index '%d' is not valid: %v", i, err)
		}
		for _, other := range list {
			if other.id.Key() == r.id.Key() {
				return nil, badTemplate("The resource '%s' is defined multiple times in a template", r.id)
			}
		}
		list = append(list, r)
	}
	for _, r := range list {
		if refused := t.depend(r, list); refused != nil {
			return nil, refused
		}
	}
	return sortByDependency(list)
}

// place works out a resource's id from its type, its name and its scope.
func (t *templateScope) place(source map[string]any) (*templateResource, error) {
	fields := map[string]string{}
	for _, key := range []string{"type", "apiVersion", "name", "scope"} {
		value, err := t.value(source[key])
		if err != nil {
			return nil, err
		}
		fields[key], _ = value.(string)
	}
	if fields["type"] == "" || fields["apiVersion"] == "" || fields["name"] == "" {
		return nil, fmt.Errorf("a resource has a type, an apiVersion and a name")
	}
	path, err := resourcePath(fields["type"], strings.Split(fields["name"], "/"))
	if err != nil {
		return nil, err
	}
	scope := fields["scope"]
	switch {
	case scope == "":
		scope = t.group.text
	case !strings.HasPrefix(scope, "/"):
		scope = t.group.text + "/providers/" + scope
	}
	id, err := ParseID(scope + "/providers/" + path)
	if err != nil {
		return nil, err
	}
	return &templateResource{id: id, version: fields["apiVersion"], source: source}, nil
}

func (t *templateScope) depend(r *templateResource, list []*templateResource) *Error {
	on, err := t.value(r.source["dependsOn"])
	if err != nil {
		return badTemplate("%v", err)
	}
	names, _ := on.([]any)
	for _, name := range names {
		wanted, _ := name.(string)
		at := slices.IndexFunc(list, func(o *templateResource) bool {
			return strings.EqualFold(o.id.text, wanted) || strings.EqualFold(o.id.Name(), wanted) ||
				strings.HasSuffix(o.id.Key(), "/providers/"+strings.ToLower(wanted))
		})
		if at < 0 {
			return badTemplate("The resource '%s' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details", wanted)
		}
		r.after = append(r.after, at)
	}
	// A child that does not name its parent here may come before it, and is then refused; ARM makes no exception either.
	return nil
}

func sortByDependency(list []*templateResource) ([]*templateResource, *Error) {
	done, out := make([]bool, len(list)), []*templateResource{}
	for len(out) < len(list) {
		progress := false
		for i, r := range list {
			if done[i] || slices.ContainsFunc(r.after, func(on int) bool { return !done[on] }) {
				continue
			}
			done[i], progress, out = true, true, append(out, r)
		}
		if !progress {
			return nil, badTemplate("Circular dependency detected on resources of the template")
		}
	}
	return out, nil
}

// deploy creates a template's resources in order, each through the way of every PUT.
func (w *write) deploy(scope *templateScope, list []*templateResource) (made []ID, failures []*Error) {
	var failed []ID
	for _, r := range list {
		if slices.ContainsFunc(r.after, func(on int) bool { return containsID(failed, list, on) }) {
			failed = append(failed, r.id)
			continue // ARM leaves out what depends on a failure
		}
		body := map[string]any{}
		for _, key := range sortedKeys(r.source) {
			if slices.Contains([]string{"location", "properties", "tags", "sku", "kind", "identity", "zones"}, key) {
				value, err := scope.value(r.source[key])
				if err != nil {
					failures = append(failures, badTemplate("%v", err).at(r.id.text))
				}
				body[key] = value
			}
		}
		if len(failures) > 0 && failures[len(failures)-1].Target == r.id.text {
			failed = append(failed, r.id)
			continue
		}
		req := &request{method: http.MethodPut, path: r.id.text, version: r.version, body: body, host: w.req.host, template: true}
		if _, refused := w.s.put(req, r.id); refused != nil {
			failed, failures = append(failed, r.id), append(failures, refused)
			continue
		}
		made = append(made, r.id)
		for _, op := range w.s.running {
			if strings.EqualFold(op.Resource, r.id.text) && op.Ends.After(w.until) {
				w.until = op.Ends
			}
		}
	}
	return made, failures
}

func containsID(failed []ID, list []*templateResource, at int) bool {
	return slices.ContainsFunc(failed, func(id ID) bool { return id.Key() == list[at].id.Key() })
}

// deploymentFailed is how an operation tells of its resources' refusals.
func deploymentFailed(w *write, code string, failures []*Error) *Error {
	if len(failures) == 0 {
		return nil
	}
	e := refusal(http.StatusConflict, code, "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.")
	e.Target, e.Details = w.id.text, failures
	return e
}

// expand opens and plans the template of a deployment or a stack.
func (w *write) expand() (*templateScope, []*templateResource) {
	group, _ := ParseID(groupID(w.id)) // the group was found
	scope, refused := w.s.openTemplate(group, object(w.props, "template"), object(w.props, "parameters"))
	if refused != nil {
		w.refuse(refused)
		return nil, nil
	}
	list, refused := scope.plan(object(w.props, "template"))
	if refused != nil {
		w.refuse(refused)
		return nil, nil
	}
	return scope, list
}

// outputs evaluates a template's outputs after its resources are there.
func (t *templateScope) outputs(template map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range sortedKeys(object(template, "outputs")) {
		declared := object(template, "outputs", name)
		value, err := t.value(declared["value"])
		if err != nil {
			return nil, fmt.Errorf("template output '%s': %w", name, err)
		}
		out[name] = map[string]any{"type": declared["type"], "value": value}
	}
	return out, nil
}

func runDeployment(w *write) {
	if mode := text(w.props, "mode"); !strings.EqualFold(mode, "Incremental") {
		w.refuse(notModelled(http.StatusBadRequest, "InvalidDeployment", "The deployment mode '%s' is not supported", mode))
		return
	}
	scope, list := w.expand()
	if scope == nil {
		return
	}
	made, failures := w.deploy(scope, list)
	w.finishTemplate(scope, made, failures, "DeploymentFailed")
}

// finishTemplate turns what a template did into the properties that GET answers.
func (w *write) finishTemplate(scope *templateScope, made []ID, failures []*Error, code string) {
	template := object(w.props, "template")
	if len(failures) == 0 {
		outputs, err := scope.outputs(template)
		if err != nil {
			failures = append(failures,
				refusal(http.StatusBadRequest, "DeploymentOutputEvaluationFailed", "Unable to evaluate template outputs: '%v'.", err))
		}
		w.props["outputs"] = outputs
	}
	w.failure = deploymentFailed(w, code, failures)
	list := []any{}
	for _, id := range made {
		list = append(list, map[string]any{"id": id.text})
	}
	w.props["outputResources"] = list
	shown := map[string]any{}
	for name, given := range object(w.props, "parameters") {
		kind := text(template, "parameters", name, "type")
		if strings.HasPrefix(strings.ToLower(kind), "secure") {
			shown[name] = map[string]any{"type": kind}
			continue
		}
		shown[name] = map[string]any{"type": kind, "value": object(map[string]any{"p": given}, "p")["value"]}
	}
	w.props["parameters"] = shown
	delete(w.props, "template")
}

func fillDeployment(w *write) {
	w.props["correlationId"] = guid(w.id.text, fmt.Sprint(w.s.opCounter))
	w.props["timestamp"] = w.s.options.Now().UTC().Format(time.RFC3339Nano)
	w.props["duration"] = "PT0S"
	w.props["dependencies"], w.props["providers"] = []any{}, []any{}
}
