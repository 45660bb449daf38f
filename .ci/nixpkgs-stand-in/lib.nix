# The functions of nixpkgs' lib that the flake uses, with the same meaning.
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    foldl'
    isAttrs
    listToAttrs
    mapAttrs
    replaceStrings
    stringLength
    substring
    ;
  lib = rec {
    inherit filter mapAttrs;
    genAttrs = names: make: listToAttrs (map (n: nameValuePair n (make n)) names);
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = make: set: listToAttrs (map (n: make n set.${n}) (attrNames set));
    mapAttrsToList = make: set: map (n: make n set.${n}) (attrNames set);
    filterAttrs = keep: set: builtins.removeAttrs set (filter (n: !keep n set.${n}) (attrNames set));
    optionalAttrs = condition: set: if condition then set else { };
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalString = condition: text: if condition then text else "";
    range = first: last: if first > last then [ ] else [ first ] ++ range (first + 1) last;
    recursiveUpdate =
      a: b:
      a
      // mapAttrs (n: v: if isAttrs v && isAttrs (a.${n} or null) then recursiveUpdate a.${n} v else v) b;

    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        n = stringLength text - stringLength suffix;
      in
      n >= 0 && substring n (stringLength suffix) text == suffix;
    removeSuffix =
      suffix: text:
      if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
    concatStringsSep = builtins.concatStringsSep;
    concatMapStringsSep =
      separator: make: list:
      concatStringsSep separator (map make list);
    escapeShellArgs = words: concatStringsSep " " (map escapeShellArg words);
    concatLines = list: concatStringsSep "" (map (l: l + "\n") list);
    escapeShellArg = text: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
    makeBinPath = list: concatStringsSep ":" (map (p: "${p}/bin") list);
    fromHexString = digits: (builtins.fromTOML "v=0x${digits}").v;
    fileContents =
      path:
      let
        text = builtins.readFile path;
      in
      removeSuffix "\n" text;
    importTOML = path: builtins.fromTOML (builtins.readFile path);
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    getExe = package: "${package}/bin/${package.meta.mainProgram or package.name}";
    versions.majorMinor =
      version:
      let
        part = builtins.elemAt (builtins.splitVersion version);
      in
      "${part 0}.${part 1}";
    assertMsg = condition: message: condition || throw message;
    licenses = {
      mit = "MIT";
      asl20 = "Apache-2.0";
    };
    platforms.linux = [ "x86_64-linux" ];
    cleanSource =
      root:
      builtins.path {
        path = root;
        name = "source";
      };

    # A set of files: what it may reach into, and a question asked of each path. Unlike nixpkgs' it
    # keeps folders that turn out to be empty.
    fileset =
      let
        below = top: path: path == top || hasPrefix "${top}/" path;
        set =
          paths:
          if paths ? tops then
            paths
          else
            {
              tops = [ (toString paths) ];
              has = below (toString paths);
            };
      in
      {
        unions =
          paths:
          let
            sets = map set paths;
          in
          {
            tops = concatMap (s: s.tops) sets;
            has = path: builtins.any (s: s.has path) sets;
          };
        difference = a: b: {
          inherit (set a) tops;
          has = path: (set a).has path && !(set b).has path;
        };
        toSource =
          { root, fileset }:
          let
            files = set fileset;
          in
          builtins.path {
            path = root;
            name = "source";
            filter =
              path: type:
              files.has path || (type == "directory" && builtins.any (top: hasPrefix "${path}/" top) files.tops);
          };
      };

    # As much of the module system as nixos.nix reads.
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    mkMerge = contents: {
      _type = "merge";
      inherit contents;
    };
    mkDefault = content: {
      _type = "override";
      inherit content;
    };
    mkForce = mkDefault;
    mkOption = declaration: declaration // { _type = "option"; };
    mkEnableOption =
      what:
      mkOption {
        default = false;
        description = what;
      };
    types = {
      bool = "bool";
      int = "int";
      path = "path";
      str = "str";
      attrsOf = type: type;
      enum = names: names;
      listOf = type: type;
      nullOr = type: type;
    };
    unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
    flatten = x: if builtins.isList x then concatMap flatten x else [ x ];
  };
in
lib
