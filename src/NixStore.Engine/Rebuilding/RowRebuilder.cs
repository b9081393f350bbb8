namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Makes rows from what the files of paths say and from the derivations, by the rules by which Nix registers paths. Whether a path was built
/// here, and signatures, are never made up. Not thread-safe.
/// </summary>
/// <param name="directory">The logical store directory.</param>
/// <param name="derivations">The derivations of the store.</param>
/// <param name="doubtful">Paths that are named like leftovers.</param>
internal sealed class RowRebuilder(StoreDirectory directory, DerivationIndex derivations, IReadOnlySet<StorePath> doubtful)
{
    // What each path in the store refers to, as far as it was decided; before that, what it mentions.
    private readonly Dictionary<StorePath, IReadOnlyList<StorePath>> _references = [];

    /// <summary>Says, before any row is made, what there is; the closures of inputs are found in that.</summary>
    /// <param name="path">A path in the store.</param>
    /// <param name="references">What it mentions or, where that is known, refers to.</param>
    internal void Know(StorePath path, IReadOnlyList<StorePath> references) => _references[path] = references;

    /// <summary>The row of a derivation.</summary>
    internal RowDraft Rebuild(IndexedDerivation derivation) => new()
    {
        Path = derivation.Path,
        Hash = derivation.Nar.Hash,
        HashCertainty = StoreCertainty.Proved,
        Size = derivation.Nar.Size,
        SizeCertainty = StoreCertainty.Proved,
        RegistrationTime = derivation.ChangeTime,
        References = derivation.Derivation.References,
        ReferencesCertainty = StoreCertainty.Proved,
        ContentAddress = new ContentAddress(ContentAddressMethod.Text, derivation.Text),
        AddressCertainty = StoreCertainty.Proved,
        DeriverCertainty = StoreCertainty.Certain,
        Outputs = derivation.Derivation.Outputs.Where(output => output.Value.Path is not null)
            .ToDictionary(output => output.Key, output => output.Value.Path!, StringComparer.Ordinal),
        OutputsCertainty = derivation.AreOutputsProved ? StoreCertainty.Proved : StoreCertainty.Assumed,
    };

    /// <summary>
    /// The row of any other path, or why it gets none. To be asked for outputs in the order of <see cref="DerivationIndex.InOrder"/>, so
    /// that the references of inputs are decided before those of what was made of them.
    /// </summary>
    internal (RowDraft? Row, StoreRowOmission? Omission) Rebuild(ScannedPath path)
    {
        var makers = derivations.MakersOf(path.Path);
        if (Omit(path, makers) is { } omission)
        {
            return (null, omission);
        }

        var draft = path switch
        {
            { Contradicted: { } demanded } => RebuildDamaged(path, demanded, makers),
            { Address: { } address } => RebuildAddressed(path, address, makers),
            _ => RebuildBuilt(path, makers),
        };
        _references[path.Path] = draft.References;
        return (draft, null);
    }

    private StoreRowOmission? Omit(ScannedPath path, IReadOnlyList<DerivedOutput> makers)
    {
        if (path.Contradicted is { } demanded && !IsNarSha256(demanded))
        {
            return Because(StoreOmissionReason.Damaged, $"the contents are not those with the content address '{demanded}', which its name demands");
        }

        if (path.Address is not null || path.Contradicted is not null)
        {
            return null;
        }

        return doubtful.Contains(path.Path) && makers.Count == 0 && !derivations.IsSource(path.Path)
            ? Because(StoreOmissionReason.Leftover, "left behind by work that was interrupted") : null;

        StoreRowOmission Because(StoreOmissionReason reason, string detail) => new(directory.Print(path.Path), reason, detail);
    }

    /// <summary>A fixed output with wrong contents: what its hash must be is known all the same, so that it can be repaired.</summary>
    private static RowDraft RebuildDamaged(ScannedPath path, ContentAddress demanded, IReadOnlyList<DerivedOutput> makers)
    {
        var draft = Begin(path, demanded.Hash, makers);
        draft.HashCertainty = StoreCertainty.Proved;
        draft.ReferencesCertainty = StoreCertainty.Proved;
        draft.ContentAddress = demanded;
        draft.AddressCertainty = StoreCertainty.Proved;
        draft.Add(new(StoreProblemKind.HashMismatch, "", demanded.Hash.ToString(), path.Nar.Hash.ToString(),
            "the contents are not those that its derivation demands"));
        return draft;
    }

    private static RowDraft RebuildAddressed(ScannedPath path, ProvedAddress address, IReadOnlyList<DerivedOutput> makers)
    {
        var draft = Begin(path, path.Nar.Hash, makers);
        draft.HashCertainty = path.HasCheckedAddress ? StoreCertainty.Proved : StoreCertainty.Assumed;
        draft.Size = path.Nar.Size;
        draft.SizeCertainty = draft.HashCertainty;
        draft.References = address.References;
        draft.ReferencesCertainty = StoreCertainty.Proved;
        draft.ContentAddress = address.Address;
        draft.AddressCertainty = StoreCertainty.Proved;
        if (makers.Count == 0 && address.Address.Method == ContentAddressMethod.Text)
        {
            // Files made by toFile are not built.
            draft.DeriverCertainty = StoreCertainty.Certain;
        }

        return draft;
    }

    private RowDraft RebuildBuilt(ScannedPath path, IReadOnlyList<DerivedOutput> makers)
    {
        var draft = Begin(path, path.Nar.Hash, makers);
        draft.HashCertainty = StoreCertainty.Assumed;
        draft.Size = path.Nar.Size;
        draft.SizeCertainty = StoreCertainty.Assumed;
        draft.AddressCertainty = makers.Count > 0 ? StoreCertainty.Certain : StoreCertainty.Assumed;
        (draft.References, draft.ReferencesCertainty) = FindReferences(path, makers);
        if (path.IsEmptied)
        {
            draft.Add(new(StoreProblemKind.ZeroLength, Detail: "nothing is in any of its files, as after a power failure"));
        }

        if (makers.Count == 0 && derivations.IsSource(path.Path))
        {
            draft.Add(new(StoreProblemKind.HashMismatch, "", null, path.Nar.Hash.ToString(),
                "a derivation names it as a source, but its contents do not give its name: unless it was built, they are damaged"));
        }

        return draft;
    }

    private (IReadOnlyList<StorePath> References, StoreCertainty Certainty) FindReferences(ScannedPath path, IReadOnlyList<DerivedOutput> makers)
    {
        if (makers.Count == 0)
        {
            return (path.Found, StoreCertainty.Assumed);
        }

        var maker = makers[0];
        if (maker.Maker.Options.Discarding.Contains(maker.Name))
        {
            return ([], StoreCertainty.Certain);
        }

        var closure = new InputClosure(derivations, known => _references.GetValueOrDefault(known));
        var references = closure.Sift(maker.Maker, path.Found, out var isComplete);
        return (references, isComplete ? StoreCertainty.Certain : StoreCertainty.Assumed);
    }

    /// <summary>What all have in common: the time, and what derivations say.</summary>
    private static RowDraft Begin(ScannedPath path, NixHash hash, IReadOnlyList<DerivedOutput> makers) => new()
    {
        Path = path.Path,
        Hash = hash,
        RegistrationTime = path.ChangeTime,
        LooksUnfinished = !path.WasCanonicalised && path.Address is null && path.Contradicted is null,
        Deriver = makers.Count > 0 ? makers[0].Maker.Path : null,
        Derivers = [.. makers.Select(maker => maker.Maker.Path)],
        DeriverCertainty = makers.Count switch
        {
            0 => StoreCertainty.Unknown,
            1 when makers[0].Maker.AreOutputsProved => StoreCertainty.Proved,
            _ => StoreCertainty.Assumed,
        },
    };

    private static bool IsNarSha256(ContentAddress address) => address is { Method: ContentAddressMethod.Nar, Hash.Algorithm: NixHashAlgorithm.Sha256 };
}
