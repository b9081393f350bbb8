using NixStore.Engine.Database;
using NixStore.Engine.Salvage;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>The rows of a store as the ordinary reader has them, to be compared with what was salvaged.</summary>
internal static class LabRows
{
    /// <summary>All rows, by id, references included.</summary>
    internal static IReadOnlyList<string> Of(LabStore store)
    {
        using var database = StoreDatabase.OpenForReading(store.Location);
        return [.. database.ReadPaths().Select(row => Describe(row.Id, row.Path, row.Hash, row.RegistrationTime ?? 0, row.Deriver, row.NarSize,
            row.Ultimate, row.Signatures, row.ContentAddress, row.References))];
    }

    internal static void AssertEqual(IEnumerable<string> expected, IEnumerable<SalvagedPath> actual)
        => Assert.Equal(expected, actual.Select(Describe));

    internal static string Describe(SalvagedPath path) => Describe(path.Id, path.Row.Path, path.Row.Hash, path.Row.RegistrationTime, path.Row.Deriver,
        path.Row.NarSize, path.Row.Ultimate, path.Row.Signatures, path.Row.ContentAddress, path.Row.References);

    private static string Describe(long id, string path, string? hash, long time, string? deriver, long? size, long? ultimate, string? signatures, string? ca, IEnumerable<string> references)
        => $"{id}|{path}|{hash}|{time}|{deriver}|{size}|{ultimate}|{signatures}|{ca}|{string.Join(' ', references)}";
}
