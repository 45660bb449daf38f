# The functions of nixpkgs' lib that the flake uses, with the same meaning.
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    foldl'
    isAttrs
    isBool
    isInt
    isString
    listToAttrs
    mapAttrs
    replaceStrings
    stringLength
    substring
    ;
  lib = rec {
    inherit concatMap filter mapAttrs;
    genAttrs = names: make: listToAttrs (map (n: nameValuePair n (make n)) names);
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = make: set: listToAttrs (map (n: make n set.${n}) (attrNames set));
    mapAttrsToList = make: set: map (n: make n set.${n}) (attrNames set);
    filterAttrs = keep: set: builtins.removeAttrs set (filter (n: !keep n set.${n}) (attrNames set));
    optionalAttrs = condition: set: if condition then set else { };
    last = list: builtins.elemAt list (builtins.length list - 1);
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalString = condition: text: if condition then text else "";
    max = a: b: if a > b then a else b;
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
    hasInfix = part: text: builtins.length (splitString part text) > 1;
    removePrefix =
      prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
    splitString = separator: text: filter isString (builtins.split (escapeRegex separator) text);
    escapeRegex =
      let
        special = stringToCharacters "\\[{()^$?*+|.";
      in
      replaceStrings special (map (c: "\\${c}") special);
    stringToCharacters = text: builtins.genList (n: substring n 1 text) (stringLength text);
    setAttrByPath =
      path: value:
      if path == [ ] then
        value
      else
        {
          ${builtins.head path} = setAttrByPath (builtins.tail path) value;
        };
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
    versionOlder = a: b: builtins.compareVersions b a == 1;
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

    # A set of files: what it may reach into, and a question asked of each file. Unlike nixpkgs' it
    # keeps folders that turn out to be empty.
    fileset =
      let
        below = top: path: path == top || hasPrefix "${top}/" path;
        set =
          paths:
          if paths ? tops then
            paths
          else if !builtins.pathExists paths then
            throw "lib.fileset: ${toString paths} does not exist"
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
        fileFilter = predicate: root: {
          inherit (set root) tops;
          has =
            path:
            (set root).has path
            && predicate {
              name = baseNameOf path;
              type = "regular";
              hasExt = extension: hasSuffix ".${extension}" path;
            };
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
              if type == "directory" then
                builtins.any (top: below top path || below path top) files.tops
              else
                files.has path;
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
    mkBefore = mkDefault;
    mkOption = declaration: declaration // { _type = "option"; };
    mkEnableOption =
      what:
      mkOption {
        default = false;
        description = what;
      };
    # A type is its name and what may be said to be of it.
    types =
      let
        type = name: check: {
          _type = "option-type";
          inherit name check;
        };
      in
      rec {
        bool = type "bool" isBool;
        int = type "int" isInt;
        path = type "path" (
          v: builtins.isPath v || hasPrefix "/" (if isAttrs v then v.outPath or "" else toString v)
        );
        str = type "str" isString;
        package = type "package" (v: isAttrs v && v.type or null == "derivation");
        ints.positive = type "a positive int" (v: isInt v && v > 0);
        strMatching =
          pattern: type "str matching ${pattern}" (v: isString v && builtins.match pattern v != null);
        attrsOf =
          of: type "attrsOf ${of.name}" (v: isAttrs v && builtins.all of.check (builtins.attrValues v));
        enum = names: type "enum of ${builtins.toJSON names}" (v: elem v names);
        listOf = of: type "listOf ${of.name}" (v: builtins.isList v && builtins.all of.check v);
        nullOr = of: type "nullOr ${of.name}" (v: v == null || of.check v);
        oneOf =
          several:
          type "one of ${concatMapStringsSep ", " (t: t.name) several}" (
            v: builtins.any (t: t.check v) several
          );
        submodule =
          { options }:
          type "submodule" (
            v: isAttrs v && builtins.all (n: options ? ${n} && options.${n}.type.check v.${n}) (attrNames v)
          );
      };
    unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
    flatten = x: if builtins.isList x then concatMap flatten x else [ x ];
  };
in
lib
