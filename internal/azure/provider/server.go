package provider

import (
	"context"
	"fmt"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// maxMessage is the largest message of the engine's own connections (400 MB); the default of 4 MB is too small for the
// templates and policy documents of a large stack.
const maxMessage = 400 << 20

// Server is a running provider.
type Server struct {
	// Port is where the provider listens on 127.0.0.1, for PULUMI_DEBUG_PROVIDERS.
	Port     int
	provider *Provider
	server   *grpc.Server
	stop     context.CancelFunc
	done     chan struct{}
	once     sync.Once
}

// Serve starts a provider on a free port of 127.0.0.1. It runs until ctx ends or Close is called.
func Serve(ctx context.Context, o Options) (*Server, error) {
	ctx, stop := context.WithCancel(ctx)
	p, err := New(ctx, o)
	if err != nil {
		stop()
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		stop()
		return nil, fmt.Errorf("provider port: %w", err)
	}
	s := &Server{
		Port:     listener.Addr().(*net.TCPAddr).Port,
		provider: p,
		server:   grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage)),
		stop:     stop,
		done:     make(chan struct{}),
	}
	pulumirpc.RegisterResourceProviderServer(s.server, p)
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // returns when Close stops the server
	}()
	context.AfterFunc(ctx, func() { s.once.Do(s.server.Stop) })
	return s, nil
}

// Abandon ends what an engine that was killed left running, see Provider.Abandon.
func (s *Server) Abandon() { s.provider.Abandon() }

// Close stops the provider: operations in flight end with an error, and nothing listens any more when it returns.
func (s *Server) Close() {
	s.stop()
	s.once.Do(s.server.Stop)
	<-s.done
}
