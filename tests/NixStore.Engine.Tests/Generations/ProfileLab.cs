using NixStore.Engine.Database;
using NixStore.Engine.Generations;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Generations;

/// <summary>A small store with the paths one to four, and profiles made of them.</summary>
internal sealed class ProfileLab : IDisposable
{
    internal SmallStore Store { get; } = new("one", "two", "three", "four");

    internal string Profiles => $"{Store.Location.StateDirectory}/profiles";

    /// <summary>Makes a profile below the root; a generation for each name, numbered from 1.</summary>
    internal string Make(string path, int? current, params string[] names)
    {
        var full = path.StartsWith('/') ? Store.Root + path : $"{Profiles}/{path}";
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        for (var i = 0; i < names.Length; i++)
        {
            File.CreateSymbolicLink($"{full}-{i + 1}-link", Store.Full(names[i]));
        }

        if (current is not null)
        {
            File.CreateSymbolicLink(full, $"{Path.GetFileName(full)}-{current}-link");
        }

        return full;
    }

    internal StoreProfile At(string path) => new StoreProfiles(Store.Location).At(path);

    internal IReadOnlyList<StoreProfile> Find() => new StoreProfiles(Store.Location).Find(CancellationToken.None);

    internal long[] NumbersOf(string path) => [.. At(path).ReadGenerations().Select(generation => generation.Number)];

    internal StoreDatabase OpenDatabase() => StoreDatabase.OpenForReading(Store.Location);

    public void Dispose() => Store.Dispose();
}
