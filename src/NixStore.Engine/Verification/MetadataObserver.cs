using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Verification;

/// <summary>
/// Compares the metadata of every file with the canonical ones while its contents are hashed. Real Nix never does (NIX-ON-DAMAGE,
/// cases j1, j2, j4, j5). Costs one system call a file beyond what the hashing needs, and nothing is allocated unless something is wrong.
/// </summary>
internal sealed class MetadataObserver(StoreOwner expected) : NarObserver
{
    /// <summary>More are counted but not listed: a path whose every file is wrong needs no list of thousands.</summary>
    internal const int Limit = 100;

    private const int AttributeBuffer = 4096;
    private readonly byte[] _attributes = new byte[AttributeBuffer];
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

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Check(file);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file) => Check(file);

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => CheckOwnerAndTime(file);

    private void Check(in NarFile file)
    {
        var mode = CanonicalMetadata.ModeOf(file.Status);
        if (file.Status.Mode != mode)
        {
            Add(StoreProblemKind.Mode, file, Octal(mode), Octal(file.Status.Mode), "mode");
        }

        if (file.Status.IsImmutable)
        {
            Add(StoreProblemKind.Immutable, file, null, "immutable or append-only", "attribute");
        }

        CheckOwnerAndTime(file);
        var length = file.ListExtendedAttributes(_attributes);
        if (length != 0)
        {
            CheckAttributes(file, length);
        }
    }

    private void CheckOwnerAndTime(in NarFile file)
    {
        ref readonly var status = ref file.Status;
        if (status.Owner != expected.User || status.Group != expected.Group)
        {
            Add(StoreProblemKind.Owner, file, expected.ToString(), $"{status.Owner}:{status.Group}", "owner");
        }

        if (status.ModificationSeconds != CanonicalMetadata.ModificationTime || status.ModificationNanoseconds != 0)
        {
            Add(StoreProblemKind.ModificationTime, file, "1970-01-01T00:00:01Z",
                status.ModificationTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture), "time");
        }
    }

    private void CheckAttributes(in NarFile file, int length)
    {
        var list = length < 0 ? "?"u8 : _attributes.AsSpan(0, length);
        foreach (var range in list.Split((byte)0))
        {
            if (list[range] is { IsEmpty: false } name && !CanonicalMetadata.IsIgnoredAttribute(name))
            {
                Add(StoreProblemKind.ExtendedAttribute, file, null, ByteName.ToDisplay(name), "attribute");
            }
        }
    }

    private void Add(StoreProblemKind kind, in NarFile file, string? wanted, string actual, string what)
    {
        if (_problems.Count == Limit)
        {
            Omitted++;
            return;
        }

        var detail = wanted is null ? $"has the {what} {actual}" : $"{what} is {actual}, not {wanted}";
        _problems.Add(new StorePathProblem(kind, ByteName.ToDisplay(file.RelativePath), wanted, actual, detail));
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
