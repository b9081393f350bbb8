namespace NixStore.Engine.Overlay.Configuration;

/// <summary>The error that something cannot be said in a format.</summary>
internal static class Inexpressible
{
    internal static NixStoreException Because(string sentence, string target,
        string remedy = "Rename the directory, or make the store below another one.")
        => new("OverlayNotExpressible", StoreErrorKind.NotSupported, sentence, target, remedy);
}
