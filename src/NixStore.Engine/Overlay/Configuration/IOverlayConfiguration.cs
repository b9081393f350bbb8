namespace NixStore.Engine.Overlay.Configuration;

/// <summary>A format that an overlay store's configuration is written in.</summary>
internal interface IOverlayConfiguration
{
    /// <summary>Writes it; more than one text where the format wants a file for each thing.</summary>
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayPathUnknown, OverlayWorkDirectoryUnknown</exception>
    IReadOnlyList<string> Write(OverlayDeployment deployment);
}
