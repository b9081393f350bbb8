namespace NixStore.Engine.Tests.Model;

/// <summary>The .drv files under Model/Data/golden, which real Nix made of golden.nix.</summary>
internal static class GoldenDerivations
{
    private static readonly string s_directory = Path.Combine(AppContext.BaseDirectory, "Model/Data/golden");

    public static IReadOnlyList<StorePath> Paths { get; } = [.. Directory.GetFiles(s_directory).Select(file => StorePath.Parse(Path.GetFileName(file))).Order()];

    public static byte[] Bytes(StorePath path) => File.ReadAllBytes(Path.Combine(s_directory, path.BaseName));

    public static Derivation Read(StorePath path) => DerivationReader.Read(Bytes(path), path, StoreDirectory.Default);

    public static StorePath Named(string name) => Paths.First(path => path.Name == name + ".drv");
}
