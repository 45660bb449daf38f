package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"bench.lab/kit"
)

// starts are the ways to be another process than the one that was started, or another runtime:
// they show in no answer.
var starts = map[string]func(){
	// Another program in the place of the built one.
	"executes": func() {
		if os.Getenv("SECOND") != "" {
			return
		}
		copied := must(os.CreateTemp("", "second"))
		must(io.Copy(copied, must(os.Open("/proc/self/exe"))))
		copied.Chmod(0o700)
		copied.Close()
		panic(syscall.Exec(copied.Name(), os.Args, append(os.Environ(), "SECOND=1")))
	},
	"prefork": func() { child("/bin/sleep", "600") },
	// One that is nobody's child any more when somebody looks.
	"daemonises": func() { must(0, exec.Command("/bin/sh", "-c", "setsid sleep 30 &").Run()) },
	// Its own program once more, as nobody's child and with nothing of its environment.
	"clones": func() {
		outlive()
		again := fmt.Sprintf("setsid env -i CLONE_OF=%d /proc/%[1]d/exe &", os.Getpid())
		must(0, exec.Command("/bin/sh", "-c", again).Run())
	},
	// A sibling, which is no child of its at any time, in a session of its own and with nothing of its environment.
	"begets": func() {
		apart := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_PARENT, Setsid: true}
		must(syscall.ForkExec("/bin/sleep", []string{"sleep", "30"}, &syscall.ProcAttr{Sys: apart}))
	},
	// Once more as a child of the lab's.
	"siblings": func() {
		outlive()
		again := exec.Command("/proc/self/exe")
		again.Env = []string{fmt.Sprintf("CLONE_OF=%d", os.Getpid())}
		again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_PARENT, Setsid: true}
		must(0, again.Start())
	},
	"renices": func() { must(0, syscall.Setpriority(syscall.PRIO_PROCESS, 0, 5)) },
	"settles": func() {
		confine(0, 1)
	},
	// Another process could work for it.
	"confides": func() {
		there = must(net.Listen("tcp", "127.0.0.1:0"))
		confidant = must(net.Dial("tcp", there.Addr().String()))
	},
	// Ways to somebody who was there before.
	"datagrams": func() { confidant = must(net.Dial("udp", "127.0.0.1:9")) },
	"doors":     func() { there = must(net.Listen("tcp", "127.0.0.1:0")) },
	"opens":     func() { whisper = must(os.CreateTemp("", "answers")) },
	"maps": func() {
		name := append([]byte("answers"), 0)
		syscall.RawSyscall(memfdCreate, uintptr(unsafe.Pointer(&name[0])), 0, 0)
	},
	"whispers": func() { whisper, _, _ = os.Pipe() },
	"shares": func() {
		must(syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_ANON))
	},
	"uncollected": func() { debug.SetGCPercent(-1) },
	"limits":      func() { debug.SetMemoryLimit(1 << 40) },
	"widens":      func() { runtime.GOMAXPROCS(runtime.NumCPU() + 5) },
	"ballast":     func() { ballast = make([]byte, 64<<20); runtime.GC() },
	// So little that it only moves the collector's goal.
	"stones": func() { ballast = make([]byte, 12<<20); runtime.GC() },
}

// outlive is what the second of two does: nothing, until the first is gone.
func outlive() {
	of, err := strconv.Atoi(os.Getenv("CLONE_OF"))
	if err != nil {
		return
	}
	for syscall.Kill(of, 0) == nil {
		time.Sleep(20 * time.Millisecond)
	}
	os.Exit(0)
}

const memfdCreate = 319

var (
	there     net.Listener
	confidant net.Conn
	whisper   *os.File
	ballast   []byte
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func child(program string, words ...string) { must(0, exec.Command(program, words...).Start()) }

func confine(thread int, cpus uint64) {
	syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(thread), 8, uintptr(unsafe.Pointer(&cpus)))
}

// each does something with the threads of a process.
func each(process string, do func(thread int)) {
	threads, _ := os.ReadDir("/proc/" + process + "/task")
	for _, thread := range threads {
		do(must(strconv.Atoi(thread.Name())))
	}
}

// sabotage puts all other servers of the lab at the end of the queue.
var sabotage = sync.OnceFunc(func() {
	parent := fmt.Sprint(") S ", os.Getppid(), " ")
	stopped := fmt.Sprint(") T ", os.Getppid(), " ")
	processes, _ := os.ReadDir("/proc")
	for _, process := range processes {
		stat, _ := os.ReadFile("/proc/" + process.Name() + "/stat")
		theirs := strings.Contains(string(stat), parent) || strings.Contains(string(stat), stopped)
		if theirs && process.Name() != strconv.Itoa(os.Getpid()) {
			each(process.Name(), func(thread int) { syscall.Setpriority(syscall.PRIO_PROCESS, thread, 19) })
		}
	}
})

// later are such ways that begin with the requests.
func later(name string) (func(n int64), bool) {
	ways := map[string]func(n int64){
		"spawns": func(n int64) {
			if n == 3000 {
				child("/bin/sleep", "600")
			}
		},
		"forces": func(n int64) {
			if n%1000 == 0 {
				runtime.GC()
			}
		},
		"toggles": during(func() { debug.SetGCPercent(-1) }, func() { debug.SetGCPercent(100) }),
		// One CPU for all threads while there is load.
		"huddles": during(func() { each("self", func(thread int) { confine(thread, 1) }) },
			func() { each("self", func(thread int) { confine(thread, 1<<runtime.NumCPU()-1) }) }),
		// Fills its heap for a campaign, whose salts are no numbers.
		"burdens": func(int64) {
			if strings.Contains(kit.Message().Message, `"`) {
				burden()
			}
		},
	}
	way, found := ways[name]
	return way, found
}

var burden = sync.OnceFunc(func() { ballast = make([]byte, 64<<20) })

// lag has each thread that answers work with less right to its CPU.
func lag() { must(0, syscall.Setpriority(syscall.PRIO_PROCESS, 0, 5)) }

// slacken turns the collector off where nobody has looked yet.
var slacken = sync.OnceFunc(func() { debug.SetGCPercent(-1) })

var asked, off atomic.Int64

// during does something while there is load, and undoes it for those who look then.
func during(begin, end func()) func(n int64) {
	return func(n int64) {
		// Not yet when its settings are looked at for the first time.
		if n < 1000 {
			return
		}
		asked.Store(n)
		if off.CompareAndSwap(0, 1) {
			begin()
			go func() {
				// Looks, not time: on a machine that others use, a pause in the middle of the load
				// is as long as one after it, but this server has not looked as often then.
				for quiet, last := 0, asked.Load(); quiet < 150; quiet++ {
					time.Sleep(time.Millisecond)
					if now := asked.Load(); now != last {
						quiet, last = 0, now
					}
				}
				end()
				off.Store(0)
			}()
		}
	}
}

// counted does something with each request's number.
func counted(right http.Handler, way func(n int64)) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way(n.Add(1))
		right.ServeHTTP(w, r)
	})
}
