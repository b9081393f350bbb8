namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Fields of fstab(5): what would end one is written as an octal number.</summary>
internal static class FstabField
{
    internal static string Escape(string text) => text.Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal);
}
