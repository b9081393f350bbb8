using NixStore.Engine.Database;

namespace NixStore.Engine.Rebuilding;

/// <summary>A row in the making: its columns, and how sure each of them is.</summary>
internal sealed class RowDraft
{
    private readonly List<StorePathProblem> _problems = [];

    /// <summary>The path.</summary>
    internal required StorePath Path { get; init; }

    /// <summary>Column <c>hash</c>.</summary>
    internal required NixHash Hash { get; set; }

    /// <summary>Column <c>narSize</c>; null when it is not known.</summary>
    internal long? Size { get; set; }

    /// <summary>Column <c>registrationTime</c>.</summary>
    internal required DateTimeOffset RegistrationTime { get; init; }

    /// <summary>All references, sorted, itself included when it refers to itself.</summary>
    internal IReadOnlyList<StorePath> References { get; set; } = [];

    /// <summary>Column <c>ca</c>.</summary>
    internal ContentAddress? ContentAddress { get; set; }

    /// <summary>Column <c>deriver</c>.</summary>
    internal StorePath? Deriver { get; set; }

    /// <summary>All derivations that name it as their output.</summary>
    internal IReadOnlyList<StorePath> Derivers { get; init; } = [];

    /// <summary>Column <c>sigs</c>.</summary>
    internal IReadOnlyList<StoreSignature> Signatures { get; set; } = [];

    /// <summary>Of a derivation, its outputs whose paths are known.</summary>
    internal IReadOnlyDictionary<string, StorePath> Outputs { get; init; } = new Dictionary<string, StorePath>();

    /// <summary>
    /// True when nothing proves the path and not one file has the mode or the time that Nix gives before it registers a path: what a build
    /// leaves that did not finish.
    /// </summary>
    internal bool LooksUnfinished { get; init; }

    /// <summary>How sure the hash is.</summary>
    internal StoreCertainty HashCertainty { get; set; }

    /// <summary>How sure the size is.</summary>
    internal StoreCertainty SizeCertainty { get; set; }

    /// <summary>How sure the references are.</summary>
    internal StoreCertainty ReferencesCertainty { get; set; }

    /// <summary>How sure the content address is, or that there is none.</summary>
    internal StoreCertainty AddressCertainty { get; set; }

    /// <summary>How sure the deriver is.</summary>
    internal StoreCertainty DeriverCertainty { get; set; }

    /// <summary>How sure the outputs are.</summary>
    internal StoreCertainty OutputsCertainty { get; init; } = StoreCertainty.Certain;

    /// <summary>How sure the signatures are.</summary>
    internal StoreCertainty SignaturesCertainty { get; set; }

    /// <summary>Notes what is wrong or suspect.</summary>
    internal void Add(StorePathProblem problem) => _problems.Add(problem);

    /// <summary>Takes a reference out that closes a circle of references, which no store can have.</summary>
    internal void CutCircle(StorePath reference, StoreDirectory directory)
    {
        References = [.. References.Where(other => !other.Equals(reference))];
        ReferencesCertainty = StoreCertainty.Assumed;
        Add(new(StoreProblemKind.RowReference, "", null, directory.Print(reference),
            "it is mentioned by the contents and, over others, refers back: one of these is no reference, and this one was left out"));
    }

    /// <summary>The row, with those references that have one too.</summary>
    internal RebuiltRow Finish(StoreDirectory directory, Func<StorePath, bool> hasRow)
    {
        var row = new ForgottenRow
        {
            Path = directory.Print(Path),
            Hash = Hash.ToDatabaseString(),
            NarSize = Size,
            RegistrationTime = RegistrationTime.ToUnixTimeSeconds(),
            Deriver = Deriver is null ? null : directory.Print(Deriver),
            Signatures = Signatures.Count == 0 ? null : string.Join(' ', Signatures),
            ContentAddress = ContentAddress?.ToString(),
            References = [.. References.Where(hasRow).Select(directory.Print)],
            Outputs = Outputs.ToDictionary(output => output.Key, output => directory.Print(output.Value), StringComparer.Ordinal),
        };
        return new RebuiltRow(row, new StoreRowCertainty
        {
            Path = row.Path,
            Hash = HashCertainty,
            Size = SizeCertainty,
            References = ReferencesCertainty,
            ContentAddress = AddressCertainty,
            Deriver = DeriverCertainty,
            Outputs = OutputsCertainty,
            RegistrationTime = StoreCertainty.Assumed,
            Signatures = SignaturesCertainty,
            Derivers = [.. Derivers.Select(directory.Print)],
            MissingReferences = [.. References.Where(reference => !hasRow(reference)).Select(directory.Print)],
            Problems = [.. _problems],
        });
    }
}
