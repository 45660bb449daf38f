package kit

import (
	"strings"
	"testing"
	"time"
)

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestEmptyEnvironmentAsksForNothing(t *testing.T) {
	options, err := parse(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if options.Listen != DefaultListen || len(options.Routes) != 0 || options.Middleware != 0 ||
		options.Spin != 0 || options.CertFile != "" || options.KeyFile != "" {
		t.Errorf("The options are %+v.", options)
	}
}

func TestEnvironmentIsRead(t *testing.T) {
	options, err := parse(environment(map[string]string{
		"LISTEN":     "[::1]:9000",
		"ROUTES":     "2:shared",
		"MIDDLEWARE": "3",
		"SPIN_NS":    "1500",
		"TLS_CERT":   "env.go",
		"TLS_KEY":    "env_test.go",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if options.Listen != "[::1]:9000" || options.Middleware != 3 || options.Spin != 1500*time.Nanosecond ||
		options.CertFile != "env.go" || options.KeyFile != "env_test.go" {
		t.Errorf("The options are %+v.", options)
	}
	if len(options.Routes) != 2 || !strings.HasPrefix(options.Routes[1].Path, sharedPrefix) {
		t.Errorf("The routes are %+v, want two shared ones.", options.Routes)
	}
}

func TestTurnsMakeServersSpinAndAreNotGivenWithATime(t *testing.T) {
	options, err := parse(environment(map[string]string{"SPIN_TURNS": "101"}))
	if err != nil || options.turns != 101 || options.Spin == 0 {
		t.Errorf("SPIN_TURNS=101 gives %+v and %v.", options, err)
	}
	_, err = parse(environment(map[string]string{"SPIN_TURNS": "1", "SPIN_NS": "1"}))
	if err == nil || !strings.Contains(err.Error(), "SPIN_NS") {
		t.Errorf("SPIN_TURNS beside SPIN_NS gives %v.", err)
	}
}

func TestPlainCountOfRoutesMeansDistinct(t *testing.T) {
	for _, value := range []string{"5", "5:distinct"} {
		options, err := parse(environment(map[string]string{"ROUTES": value}))
		if err != nil || len(options.Routes) != 5 || options.Routes[0] != ExtraRoutes(1, Distinct)[0] {
			t.Errorf("ROUTES=%s gives %+v and %v.", value, options.Routes, err)
		}
	}
}

func TestBadValuesAreNamedWithWhatIsAllowed(t *testing.T) {
	for _, bad := range []struct{ variable, value, allowed string }{
		{"LISTEN", "8080", "loopback"},
		{"LISTEN", "0.0.0.0:8080", "loopback"},
		{"LISTEN", ":8080", "loopback"},
		{"LISTEN_BEYOND", "0.0.0.0", "one IP address"},
		{"LISTEN_BEYOND", "::", "one IP address"},
		{"LISTEN_BEYOND", "everywhere", "one IP address"},
		{"LISTEN", "127.0.0.1:0", "1 to 65535"},
		{"LISTEN", "127.0.0.1:65536", "1 to 65535"},
		{"ROUTES", "many", "0 to 100000"},
		{"ROUTES", "100001", "0 to 100000"},
		{"ROUTES", "-1", "0 to 100000"},
		{"ROUTES", "5:", ":distinct, :shared or :beside"},
		{"ROUTES", ":shared", ":distinct, :shared or :beside"},
		{"ROUTES", "5:random", ":distinct, :shared or :beside"},
		{"MIDDLEWARE", "51", "0 to 50"},
		{"MIDDLEWARE", "1.5", "0 to 50"},
		{"SPIN_NS", "1us", "0 to 1000000000"},
		{"SPIN_NS", "-5", "0 to 1000000000"},
	} {
		_, err := parse(environment(map[string]string{bad.variable: bad.value}))
		if err == nil {
			t.Errorf("%s=%q was accepted.", bad.variable, bad.value)
			continue
		}
		for _, part := range []string{bad.variable, `"` + bad.value + `"`, bad.allowed} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s=%q: the error %q does not contain %q.", bad.variable, bad.value, err, part)
			}
		}
	}
}

func TestOneMoreAddressIsAllowedWhereItIsNamed(t *testing.T) {
	for listen, allowed := range map[string]bool{
		"192.0.2.1:8080": true, "127.0.0.1:8080": true, "192.0.2.2:8080": false, "0.0.0.0:8080": false, ":8080": false,
	} {
		_, err := parse(environment(map[string]string{"LISTEN": listen, "LISTEN_BEYOND": "192.0.2.1"}))
		if (err == nil) != allowed {
			t.Errorf("LISTEN=%s with LISTEN_BEYOND=192.0.2.1 gives %v.", listen, err)
		}
	}
}

func TestTLSNeedsBothFilesAndTheyMustExist(t *testing.T) {
	for _, files := range []map[string]string{
		{"TLS_CERT": "env.go"},
		{"TLS_KEY": "env.go"},
		{"TLS_CERT": "no-such-file", "TLS_KEY": "env.go"},
		{"TLS_CERT": "env.go", "TLS_KEY": "no-such-file"},
	} {
		if _, err := parse(environment(files)); err == nil {
			t.Errorf("%v was accepted.", files)
		}
	}
}
