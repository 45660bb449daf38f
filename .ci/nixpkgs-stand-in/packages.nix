# The builders and packages that the flake uses. The machine's folders in machine.nix are given to
# the sandbox by .ci/nix.
{ lib, machine }:
let
  derive = import ./derive.nix { inherit lib; };

  # A folder with a link bin/NAME to each of the machine's programs.
  tools =
    name: programs:
    derive {
      inherit name;
      script = ''
        mkdir -p $out/bin
        ${lib.concatLines (map (program: "ln -s ${program} $out/bin/") programs)}
      '';
      meta.mainProgram = name;
    };
  # Named by path, since the proxies that version managers put on PATH do not work in a sandbox.
  rust = name: programs: tools name (map (program: "${machine.rust}/bin/${program}") programs);
  # The machine's own where it has them; a link that leads nowhere is in nobody's way here.
  system = name: tools name [ "/usr/bin/${name}" ];

  pkgs = {
    inherit lib;
    stdenv.hostPlatform.system = "x86_64-linux";
    cargo = rust "cargo" [
      "cargo"
      "cargo-fmt"
    ];
    rustc = rust "rustc" [ "rustc" ];
    rustfmt = rust "rustfmt" [ "rustfmt" ];
    clippy = rust "clippy" [
      "cargo-clippy"
      "clippy-driver"
    ];
    rust-analyzer = rust "rust-analyzer" [ "rust-analyzer" ];
    go =
      tools "go" (
        map (p: "${machine.go}/bin/${p}") [
          "go"
          "gofmt"
        ]
      )
      // {
        version = machine.goVersion;
      };
    gopls = system "gopls";
    actionlint = system "actionlint";
    git = system "git";
    jq = system "jq";
    qemu-user = system "qemu-x86_64";
    gcc = system "cc";
    shellcheck = system "shellcheck";
    systemd = system "systemctl";
    util-linux = system "flock";
    nixfmt = tools "nixfmt" [ machine.nixfmt ];
    nixfmt-tree = pkgs.nixfmt;
    deadnix = tools "deadnix" [ machine.deadnix ];
  }
  // import ./builders.nix { inherit lib derive pkgs; }
  // import ./languages.nix { inherit lib derive machine; };
in
pkgs
