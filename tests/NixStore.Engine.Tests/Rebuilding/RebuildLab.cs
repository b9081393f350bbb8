using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Transfer;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>A store directory that is filled with paths by hand, each with the name that its contents or its derivation give; no database is used.</summary>
internal sealed class RebuildLab : IDisposable
{
    private readonly TemporaryDirectory _work = new();
    private readonly Dictionary<StorePath, Derivation> _derivations = [];
    private readonly StorePathFactory _factory;

    public RebuildLab()
    {
        Location = StoreLocator.Locate(Directory.CreateDirectory(_work["root"]).FullName);
        StoreCreator.EnsureExists(Location);
        _factory = new StorePathFactory(Location.Directory);
    }

    public StoreLocation Location { get; }

    /// <summary>Where new databases are written.</summary>
    public string NewFile => $"{Location.DatabasePath}.new";

    public string Full(StorePath path) => Location.Directory.Print(path);

    public string Real(StorePath path) => Location.RealPathOf(path);

    /// <summary>What toFile makes.</summary>
    public StorePath Text(string name, string contents, params StorePath[] references)
        => Put(_factory.MakeTextPath(Sha256(contents), name, references), contents);

    /// <summary>What `nix-store --add` makes of a file.</summary>
    public StorePath Source(string name, string contents)
        => Put(_factory.MakeSourcePath(NarHashOf(contents), name, [], hasSelfReference: false), contents);

    /// <summary>What `nix-store --add-fixed` makes of a file.</summary>
    public StorePath Fixed(string name, string contents, ContentAddressMethod method, NixHashAlgorithm algorithm)
        => Put(_factory.FromContentAddress(AddressOf(contents, method, algorithm), name, [], hasSelfReference: false), contents);

    /// <summary>A derivation that is built from its inputs.</summary>
    public StorePath Derive(string name, IEnumerable<StorePath> inputs, IEnumerable<StorePath>? sources = null, string[]? outputs = null, string? json = null)
    {
        outputs ??= ["out"];
        var dummy = StorePath.Parse($"{new string('0', 32)}-x");
        var derivation = Make(name, inputs, sources, outputs.ToDictionary(output => output, _ => new DerivationOutput(dummy, "", "")), json);
        var computed = new DerivationHasher(Location.Directory, path => _derivations[path]).ComputeOutputPaths(derivation);
        return Put(derivation with { Outputs = Sorted(computed.ToDictionary(path => path.Key, path => new DerivationOutput(path.Value, "", ""))) });
    }

    /// <summary>A derivation whose output must have certain contents.</summary>
    public StorePath DeriveFixed(string name, string contents, ContentAddressMethod method, NixHashAlgorithm algorithm, string builder = "/bin/sh")
    {
        var address = AddressOf(contents, method, algorithm);
        var path = _factory.FromContentAddress(address, name, [], hasSelfReference: false);
        var output = new DerivationOutput(path, address.MethodPrefix + NixHash.NameOf(algorithm), address.Hash.ToBase16());
        return Put(Make(name, [], null, new() { ["out"] = output }, null) with { Builder = ByteString.FromText(builder) });
    }

    /// <summary>A derivation whose output is named by what it turns out to be.</summary>
    public StorePath DeriveFloating(string name, params StorePath[] inputs)
        => Put(Make(name, inputs, null, new() { ["out"] = new DerivationOutput(null, "r:sha256", "") }, null));

    /// <summary>An output of a derivation, not yet there.</summary>
    public StorePath Output(StorePath derivation, string name = "out") => _derivations[derivation].Outputs[name].Path!;

    /// <summary>Makes an output, a file that mentions some paths.</summary>
    public StorePath Build(StorePath derivation, params StorePath[] mentioned) => Build(derivation, "out", mentioned);

    /// <inheritdoc cref="Build(StorePath, StorePath[])"/>
    public StorePath Build(StorePath derivation, string output, params StorePath[] mentioned)
        => Put(Output(derivation, output), $"{output}\n{string.Concat(mentioned.Select(path => Full(path) + "\n"))}");

    /// <summary>The path of a derivation's text.</summary>
    public StorePath PathOf(Derivation derivation)
    {
        var text = DerivationWriter.Write(derivation, Location.Directory);
        return _factory.MakeTextPath(new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(text)), derivation.Name + ".drv", derivation.References);
    }

    /// <summary>Writes a derivation as it is.</summary>
    public StorePath Put(Derivation derivation)
    {
        // The environment is part of what the hash is made of, the outputs' own variables are not.
        var environment = derivation.Environment.ToDictionary();
        foreach (var (name, output) in derivation.Outputs)
        {
            environment[ByteString.FromText(name)] = ByteString.FromText(output.Path is null ? "" : Full(output.Path));
        }

        derivation = derivation with { Environment = new SortedDictionary<ByteString, ByteString>(environment) };
        var path = PathOf(derivation);
        _derivations[path] = derivation;
        return Put(path, Encoding.UTF8.GetString(DerivationWriter.Write(derivation, Location.Directory)));
    }

    /// <summary>What a derivation says.</summary>
    public Derivation Read(StorePath derivation) => _derivations[derivation];

    /// <summary>Writes a file with canonical metadata under any path.</summary>
    public StorePath Put(StorePath path, string contents)
    {
        Unprotect(path);
        File.WriteAllText(Real(path), contents);
        Canonicalise(path);
        return path;
    }

    /// <summary>Gives a file the metadata that all have in a store.</summary>
    public void Canonicalise(StorePath path)
    {
        File.SetUnixFileMode(Real(path), (UnixFileMode)0b100_100_100);
        File.SetLastWriteTimeUtc(Real(path), DateTime.UnixEpoch.AddSeconds(1));
    }

    /// <summary>Overwrites a file, as damage does.</summary>
    public void Damage(StorePath path, string contents) => Put(path, contents);

    /// <summary>Removes a file.</summary>
    public void Remove(StorePath path) => File.Delete(Real(path));

    /// <summary>Runs shell in the store directory.</summary>
    public void Shell(string script) => Command.Run("/bin/bash", "-euc", $"cd \"$0\"; {script}", Location.RealDirectory);

    /// <summary>Reads the store.</summary>
    public RebuiltStore Rebuild(RebuildOptions? options = null)
    {
        var (rows, omitted) = DatabaseRebuilder.ReadRows(Location, options ?? new RebuildOptions { Workers = 2 }, new VerificationProgress(), default);
        return new RebuiltStore(this, rows, omitted);
    }

    /// <summary>Hash and size of a path as it is.</summary>
    public NarHash Hash(StorePath path)
    {
        using var store = Posix.Open(Location.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        return hasher.HashTree(store, ByteName.From(path.BaseName));
    }

    public void Dispose() => _work.Dispose();

    private static Derivation Make(
        string name, IEnumerable<StorePath> inputs, IEnumerable<StorePath>? sources, Dictionary<string, DerivationOutput> outputs, string? json)
    {
        var environment = new SortedDictionary<ByteString, ByteString> { [ByteString.FromText("name")] = ByteString.FromText(name) };
        foreach (var output in outputs.Keys)
        {
            environment[ByteString.FromText(output)] = ByteString.FromText("");
        }

        if (json is not null)
        {
            environment[ByteString.FromText("__json")] = ByteString.FromText(json);
        }

        return new Derivation
        {
            Name = name,
            Outputs = Sorted(outputs),
            InputDerivations = new SortedDictionary<StorePath, IReadOnlyList<string>>(inputs.ToDictionary(input => input, _ => (IReadOnlyList<string>)["out"])),
            InputSources = [.. (sources ?? []).Order()],
            System = ByteString.FromText("x86_64-linux"),
            Builder = ByteString.FromText("/bin/sh"),
            Arguments = [],
            Environment = environment,
        };
    }

    private static SortedDictionary<string, DerivationOutput> Sorted(Dictionary<string, DerivationOutput> outputs) => new(outputs, StringComparer.Ordinal);

    private static NixHash Sha256(string contents) => new(NixHashAlgorithm.Sha256, SHA256.HashData(Encoding.UTF8.GetBytes(contents)));

    private NixHash NarHashOf(string contents) => AddressOf(contents, ContentAddressMethod.Nar, NixHashAlgorithm.Sha256).Hash;

    private ContentAddress AddressOf(string contents, ContentAddressMethod method, NixHashAlgorithm algorithm)
    {
        var file = _work["hashed"];
        File.WriteAllText(file, contents);
        using var parent = Posix.Open(_work.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        return new ContentAddress(method, ContentAddressHash.Compute(parent, ByteName.From("hashed"), method, algorithm, default));
    }

    private void Unprotect(StorePath path)
    {
        if (File.Exists(Real(path)))
        {
            File.Delete(Real(path));
        }
    }
}
