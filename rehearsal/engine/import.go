package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Import is `pulumi import --file`: it takes resources into the state that exist in Azure, by URN and id. The URN has the type of
// the component that a resource belongs to, which must be in the state.
func (s *Stack) Import(ctx context.Context, ids map[string]string) error {
	exported, err := s.stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("import: %w", reason(err))
	}
	list, err := importList(exported, ids)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	dir, err := s.importDir(list)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	language, err := serveNoLanguage(ctx)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer language.Stop()
	if err := s.importProject(dir, language.address); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	env := []string{"PULUMI_HOME=" + filepath.Join(s.options.WorkDir, "home")}
	for key, value := range s.env {
		env = append(env, key+"="+value)
	}
	stdout, stderr, _, err := s.options.CLI.Run(ctx, dir, nil, nil, nil, env,
		"import", "--file", importFile, "--yes", "--skip-preview", "--protect=false", "--generate-code=false", "--stack", s.options.Stack)
	if err != nil {
		return fmt.Errorf("import: %w", reason(fmt.Errorf("%w\n%s\nstderr: %s%s", err, stdout, stdout, stderr)))
	}
	return nil
}

const importFile = "import.json"

// imports is the file that `pulumi import --file` reads.
type imports struct {
	NameTable map[string]string `json:"nameTable"`
	Resources []importSpec      `json:"resources"`
}

type importSpec struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	ID     string `json:"id"`
	Parent string `json:"parent,omitempty"`
}

// importList names every resource's parent, which the state has.
func importList(exported apitype.UntypedDeployment, ids map[string]string) (imports, error) {
	list := imports{NameTable: map[string]string{}}
	var deployed apitype.DeploymentV3
	if err := json.Unmarshal(exported.Deployment, &deployed); err != nil {
		return list, fmt.Errorf("state: %w", err)
	}
	for text, id := range ids {
		u, err := urn.Parse(text)
		if err != nil {
			return list, err
		}
		spec := importSpec{Type: string(u.Type()), Name: u.Name(), ID: id}
		parent := parentOf(deployed.Resources, u)
		if parent == "" {
			return list, fmt.Errorf("the component of %s is not in the state", u)
		}
		spec.Parent = "parent of " + u.Name() + " " + string(u.Type())
		list.NameTable[spec.Parent] = string(parent)
		list.Resources = append(list.Resources, spec)
	}
	return list, nil
}

// parentOf finds the component that a resource belongs to. A URN has only its type; of several components of one type it is the
// one whose name begins the resource's.
func parentOf(resources []apitype.ResourceV3, u resource.URN) resource.URN {
	var fitting, named []resource.URN
	for _, r := range resources {
		if urn.New(u.Stack(), u.Project(), r.URN.QualifiedType(), u.Type(), u.Name()) != u {
			continue
		}
		fitting = append(fitting, r.URN)
		if strings.HasPrefix(u.Name()+"-", r.URN.Name()+"-") {
			named = append(named, r.URN)
		}
	}
	if len(fitting) == 1 {
		return fitting[0]
	}
	var best resource.URN
	for _, n := range named {
		if best == "" || len(n.Name()) > len(best.Name()) {
			best = n
		}
	}
	return best
}

func (s *Stack) importDir(list imports) (string, error) {
	dir := filepath.Join(s.options.WorkDir, "import")
	text, err := json.Marshal(list)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, importFile), text, 0o600)
	}
	return dir, err
}

// importProject is the project without its program: nothing is run by an import, but the CLI starts the program's language
// all the same, and here it finds one that does nothing.
func (s *Stack) importProject(dir, address string) error {
	from := filepath.Join(s.options.WorkDir, "project")
	stackFile := "Pulumi." + s.options.Stack + ".yaml"
	settings, err := os.ReadFile(filepath.Join(from, stackFile))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(from, "Pulumi.yaml"))
	if err != nil {
		return err
	}
	var project map[string]any
	if err := yaml.Unmarshal(text, &project); err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	project["runtime"] = map[string]any{"name": "client", "options": map[string]any{"address": address}}
	if text, err = yaml.Marshal(project); err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, stackFile), settings, 0o600),
		os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), text, 0o600))
}

// noLanguage is a language host that needs nothing and runs nothing.
type noLanguage struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	*grpc.Server
	address string
}

func serveNoLanguage(ctx context.Context) (*noLanguage, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &noLanguage{Server: grpc.NewServer(), address: listener.Addr().String()}
	pulumirpc.RegisterLanguageRuntimeServer(l.Server, l)
	go func() { _ = l.Serve(listener) }() // returns when it is stopped
	return l, nil
}

// GetRequiredPackages needs none: the provider is attached.
func (*noLanguage) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetPluginInfo answers whatever version there is.
func (*noLanguage) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: CLIVersion}, nil
}
