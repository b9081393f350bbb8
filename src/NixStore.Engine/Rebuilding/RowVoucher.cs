using NixStore.Engine.Signatures;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Adds to a row what a description from elsewhere (a narinfo, a backup) says of the path. What is proved stays as it is. A description with a
/// trusted signature is proof: where the contents are others, the row gets the hash that was signed, so that a repair can bring them back.
/// Any other description counts only as far as it agrees.
/// </summary>
/// <param name="directory">The logical store directory.</param>
/// <param name="keys">Who is believed.</param>
internal sealed class RowVoucher(StoreDirectory directory, TrustedKeys keys)
{
    private readonly StorePathFactory _factory = new(directory);

    /// <summary>Applies a description of the draft's path.</summary>
    internal void Apply(RowDraft draft, ValidPathInfo described)
    {
        var isTrusted = keys.Verifies(described, directory, out _);
        if (!described.NarHash.Equals(draft.Hash))
        {
            if (draft.HashCertainty == StoreCertainty.Proved)
            {
                return;
            }

            draft.Add(new(StoreProblemKind.HashMismatch, "", described.NarHash.ToString(), draft.Hash.ToString(),
                "a description of this path has another hash: the contents are damaged, or were built here with another result"));
            if (!isTrusted)
            {
                return;
            }

            (draft.Hash, draft.Size) = (described.NarHash, described.NarSize);
        }

        var certainty = isTrusted ? StoreCertainty.Proved : StoreCertainty.Certain;
        draft.HashCertainty = Surer(draft.HashCertainty, certainty);
        draft.Size ??= described.NarSize == 0 ? null : (long?)described.NarSize;
        draft.SizeCertainty = draft.Size is null ? StoreCertainty.Unknown : Surer(draft.SizeCertainty, certainty);
        var isSame = draft.References.ToHashSet().SetEquals(described.References);
        if (isSame || (isTrusted && draft.ReferencesCertainty < StoreCertainty.Proved))
        {
            draft.References = [.. described.References.Order()];
            draft.ReferencesCertainty = Surer(draft.ReferencesCertainty, certainty);
            if (described.Signatures.Count > 0)
            {
                draft.Signatures = described.Signatures;
                draft.SignaturesCertainty = certainty;
            }
        }

        if (described.Deriver is { } deriver && draft.DeriverCertainty < StoreCertainty.Certain)
        {
            draft.Deriver = deriver;
            draft.DeriverCertainty = StoreCertainty.Certain;
        }

        if (draft.ContentAddress is null && described.ContentAddress is { } address && _factory.Proves(draft.Path, address, draft.References))
        {
            draft.ContentAddress = address;
            draft.AddressCertainty = StoreCertainty.Certain;
        }
    }

    private static StoreCertainty Surer(StoreCertainty one, StoreCertainty other) => one > other ? one : other;
}
