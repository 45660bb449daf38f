# nixpkgs' builders of small things: the same arguments, and an error for one that nixpkgs' own do
# not take.
{
  lib,
  derive,
  pkgs,
}:
{
  callPackage =
    file: arguments:
    let
      make = import file;
      known = pkgs // arguments;
      asked = builtins.functionArgs make;
      found = lib.filterAttrs (name: _: known ? ${name}) asked;
      missing = lib.filterAttrs (name: default: !default && !known ? ${name}) asked;
    in
    if missing != { } then
      throw "${toString file} asks for `${builtins.head (builtins.attrNames missing)}`, which is not a package"
    else
      make (lib.mapAttrs (name: _: known.${name}) found // arguments);

  runCommand =
    name: attrs: script:
    derive (attrs // { inherit name script; });

  writeText =
    name: text:
    derive {
      inherit name text;
      passAsFile = [ "text" ];
      script = "cp $textPath $out";
    };

  linkFarm =
    name: entries:
    derive {
      inherit name;
      script = ''
        mkdir $out
        ${lib.concatLines (lib.mapAttrsToList (entry: target: "ln -s ${target} $out/${entry}") entries)}
      '';
    };

  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      meta ? { },
    }:
    derive {
      inherit name;
      program = ''
        #!/bin/bash
        set -o errexit -o nounset -o pipefail
        export PATH="${lib.makeBinPath runtimeInputs}:$PATH"
        ${text}
      '';
      passAsFile = [ "program" ];
      script = ''
        mkdir -p $out/bin
        cp $programPath $out/bin/${name}
        chmod +x $out/bin/${name}
        bash -n $out/bin/${name}
      '';
      meta = meta // {
        mainProgram = name;
      };
    };

  mkShell =
    { packages }:
    derive {
      name = "shell";
      PATH = "${lib.makeBinPath packages}:/usr/bin:/bin";
      # `nix develop` writes what it finds to every output that this names.
      outputs = [ "out" ];
      script = "export > $out";
    };

  # Every node's configuration and the script are computed, as NixOS' driver would; it starts
  # nothing.
  testers.runNixOSTest =
    module:
    let
      test =
        {
          name,
          nodes,
          testScript,
          meta ? { },
        }:
        let
          machines = lib.mapAttrs (_: node: lib.nixosSystem { modules = [ node ]; }) nodes;
          configs = lib.mapAttrs (_: machine: machine.config) machines;
        in
        derive {
          name = "vm-test-run-${name}";
          requiredSystemFeatures = [
            "kvm"
            "nixos-test"
          ];
          nodes = lib.mapAttrsToList (_: config: config.system.build.toplevel) configs;
          testScript = if builtins.isFunction testScript then testScript { nodes = configs; } else testScript;
          script = "echo 'the stand-in for nixpkgs starts no virtual machine' >&2; exit 1";
          inherit meta;
        };
      load = m: if builtins.isAttrs m then m else load (import m);
    in
    test (
      if builtins.isFunction module then
        module {
          inherit lib;
          hostPkgs = pkgs;
        }
      else
        load module
    );

  dockerTools.buildLayeredImage =
    {
      name,
      tag ? null,
      contents ? [ ],
      config ? { },
      extraCommands ? "",
      meta ? { },
    }:
    derive {
      name = "${name}.tar.gz";
      inherit tag contents extraCommands;
      config = builtins.toJSON config;
      script = "echo 'the stand-in for nixpkgs makes no images' >&2; exit 1";
      inherit meta;
    };
}
