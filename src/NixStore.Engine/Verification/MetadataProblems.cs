using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Verification;

/// <summary>Compares the status of files with the metadata that Nix gives, and keeps what differs. Allocates nothing unless something is wrong.</summary>
/// <param name="expected">Whose all files are.</param>
internal sealed class MetadataProblems(StoreOwner expected)
{
    /// <summary>More are counted but not listed: a path whose every file is wrong needs no list of thousands.</summary>
    internal const int Limit = 100;

    private readonly List<StorePathProblem> _problems = [];

    /// <summary>What was found since <see cref="Clear"/>.</summary>
    internal IReadOnlyList<StorePathProblem> Problems => _problems;

    /// <summary>How many more there are than <see cref="Limit"/>.</summary>
    internal int Omitted { get; private set; }

    internal void Clear()
    {
        _problems.Clear();
        Omitted = 0;
    }

    /// <summary>Mode, immutable flag, owner and modification time; of a symbolic link the last two, as it has none of the others.</summary>
    internal void Check(ReadOnlySpan<byte> path, in FileStatus status)
    {
        if (status.Type != FileType.SymbolicLink)
        {
            var mode = CanonicalMetadata.ModeOf(status);
            if (status.Mode != mode)
            {
                Add(StoreProblemKind.Mode, path, Octal(mode), Octal(status.Mode), "mode");
            }

            if (status.IsImmutable)
            {
                Add(StoreProblemKind.Immutable, path, null, "immutable or append-only", "attribute");
            }
        }

        if (status.Owner != expected.User || status.Group != expected.Group)
        {
            Add(StoreProblemKind.Owner, path, expected.ToString(), $"{status.Owner}:{status.Group}", "owner");
        }

        if (status.ModificationSeconds != CanonicalMetadata.ModificationTime || status.ModificationNanoseconds != 0)
        {
            Add(StoreProblemKind.ModificationTime, path, "1970-01-01T00:00:01Z",
                status.ModificationTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture), "time");
        }
    }

    /// <summary>Adds a problem of a file.</summary>
    internal void Add(StoreProblemKind kind, ReadOnlySpan<byte> path, string? wanted, string actual, string what)
    {
        if (_problems.Count == Limit)
        {
            Omitted++;
            return;
        }

        var detail = wanted is null ? $"has the {what} {actual}" : $"{what} is {actual}, not {wanted}";
        _problems.Add(new StorePathProblem(kind, ByteName.ToDisplay(path), wanted, actual, detail));
    }

    /// <summary>Adds what was found to the problems of a path.</summary>
    internal void AddTo(List<StorePathProblem> problems)
    {
        problems.AddRange(_problems);
        if (Omitted > 0)
        {
            problems[^1] = problems[^1] with { Detail = $"{problems[^1].Detail}; {Omitted} more like these are not listed" };
        }
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
