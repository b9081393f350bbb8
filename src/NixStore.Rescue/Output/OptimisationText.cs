using System.Globalization;

namespace NixStore.Rescue.Output;

/// <summary>Says in a line what linking equal files did.</summary>
internal static class OptimisationText
{
    /// <summary>For example <c>12.3 MiB freed by linking 514 of 20012 files; 1200 new links</c>.</summary>
    public static string Describe(StoreOptimisation optimisation)
    {
        var verb = optimisation.IsPrediction ? "would be freed" : "freed";
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{ByteSize.Format(optimisation.BytesFreed)} {verb} by linking {optimisation.FilesLinked} of {optimisation.FilesExamined} files; "
            + $"{optimisation.LinksCreated} new links");
        return text
            + (optimisation.FilesSkipped > 0 ? $"; {optimisation.FilesSkipped} files left alone" : "")
            + (optimisation.BadLinks > 0 ? $"; {optimisation.BadLinks} bad links, {optimisation.BadLinksMended} taken away" : "");
    }
}
