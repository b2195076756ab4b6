package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/hosts"
)

// Reach is what another program must be given to reach the embedded Azure of a stack. The secret is that of the embedded directory: it is
// worth nothing elsewhere and ends with the process that serves.
type Reach struct {
	Stack string `json:"stack"`
	// Proxy answers for Azure's names; CAFile is the certificate to trust.
	Proxy  string `json:"proxy"`
	CAFile string `json:"caFile"`
	// LoginFolder is for az, which keeps its login in files.
	LoginFolder string `json:"loginFolder"`
	// The deployer, and its subscription.
	TenantID       string `json:"tenantId"`
	ClientID       string `json:"clientId"`
	Secret         string `json:"secret"`
	SubscriptionID string `json:"subscriptionId"`
	// Hosts are the names that are served.
	Hosts []string `json:"hosts"`
	// Resources is how many there were when it began.
	Resources int `json:"resources"`
}

// Files of a served Azure in the work folder of its stack, for their owner alone. They are deleted when it ends.
const (
	reachFile = "served.json"
	trustFile = "served-ca.pem"
	// loginFolder is where az keeps the deployer's login.
	loginFolder = "served-az"
)

// ErrNotServed is the error of Reached when nobody serves the stack's Azure.
var ErrNotServed = errors.New("no embedded Azure is served")

// Azure serves what the last Up of a stack left, or an empty Azure, until the context ends. Ready is called once, when it can be reached.
func Azure(ctx context.Context, o Options, ready func(Reach)) (err error) {
	dir, err := workDir(o.ProjectDir, o.Stack)
	if err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(dir, "up.lock"))
	if err != nil {
		return fmt.Errorf("the Azure of stack %q is served already, see rehearse azure --stack %s --env: %w", o.Stack, o.Stack, err)
	}
	defer unlock()
	if err := os.MkdirAll(filepath.Join(dir, "up"), 0o700); err != nil {
		return fmt.Errorf("work folder: %w", err)
	}
	offers, err := offered()
	if err != nil {
		return err
	}
	cloud, err := azure.Start(context.WithoutCancel(ctx), azure.Options{
		ARM: arm.Options{Offers: offers}, StatePath: filepath.Join(dir, "up", "azure.json"), Warn: warnTo(o.logWriter()),
	})
	if err != nil {
		return fmt.Errorf("embedded Azure: %w", err)
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	reach, end, err := o.reachable(ctx, dir, cloud.Handler(), nil)
	if err != nil {
		return err
	}
	defer end()
	reach.Resources = len(cloud.Remaining())
	ready(reach)
	<-ctx.Done()
	return nil
}

// reachable serves Resource Manager and its directory under Azure's names, others for further names, and writes how they are reached. End
// takes both back.
func (o *Options) reachable(
	ctx context.Context, dir string, manager http.Handler, others func(host string) http.Handler,
) (_ Reach, end func(), err error) {
	front, err := hosts.Open(ctx, hosts.Options{
		Manager: manager, Others: others, TenantID: azure.TenantID, ClientID: azure.ClientID, ObjectID: azure.ObjectID,
	})
	if err != nil {
		return Reach{}, nil, err
	}
	files := []string{filepath.Join(dir, trustFile), filepath.Join(dir, reachFile), filepath.Join(dir, loginFolder)}
	end = func() {
		for _, file := range files {
			_ = os.RemoveAll(file) // there is nothing else to do about it, and nobody answers at the address in it
		}
		_ = front.Close() // its connections are loopback's
	}
	r := Reach{
		Stack: o.Stack, Proxy: front.Proxy, CAFile: files[0], LoginFolder: files[2], TenantID: front.TenantID, ClientID: front.ClientID,
		Secret: front.Secret, SubscriptionID: azure.SubscriptionID, Hosts: front.Hosts(),
	}
	text, err := json.MarshalIndent(r, "", "  ") //nolint:gosec // the file is for its owner, and the secret ends with this process
	if err == nil {
		err = os.WriteFile(files[0], front.CA.PEM(), 0o600)
	}
	if err == nil {
		err = os.WriteFile(files[1], append(text, '\n'), 0o600)
	}
	if err != nil {
		end()
		return Reach{}, nil, fmt.Errorf("how the embedded Azure is reached: %w", err)
	}
	return r, end, nil
}

// Reached is how the served Azure of a stack is reached. ErrNotServed says that there is none, or that it has ended.
func Reached(ctx context.Context, project, stack string) (Reach, error) {
	text, err := os.ReadFile(filepath.Join(project, folder, stack, reachFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Reach{}, ErrNotServed
	}
	var r Reach
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return Reach{}, fmt.Errorf("how the embedded Azure of %s is reached: %w", stack, err)
	}
	at, err := url.Parse(r.Proxy)
	if err != nil {
		return Reach{}, fmt.Errorf("how the embedded Azure of %s is reached: %w", stack, err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.Host)
	if err != nil { // the process was killed, and left its file
		return Reach{}, ErrNotServed
	}
	return r, conn.Close()
}

// offered are the models that regions offer, as the doctor's dated tables have them.
func offered() (map[string][]arm.Offer, error) {
	known, err := doctor.Known()
	if err != nil {
		return nil, err
	}
	offers := map[string][]arm.Offer{}
	for _, o := range known.All() {
		at := -1
		for i, other := range offers[o.Region] {
			if other.Model == o.Model && other.Version == o.Version {
				at = i
			}
		}
		if at < 0 {
			one := arm.Offer{Model: o.Model, Version: o.Version}
			if o.Retires != "" {
				one.Retires = o.Retires + "T00:00:00Z"
			}
			at = len(offers[o.Region])
			offers[o.Region] = append(offers[o.Region], one)
		}
		sku := arm.OfferedSKU{Name: o.Type, Least: o.Sizes.Least, Step: o.Sizes.Step}
		offers[o.Region][at].SKUs = append(offers[o.Region][at].SKUs, sku)
	}
	return offers, nil
}
