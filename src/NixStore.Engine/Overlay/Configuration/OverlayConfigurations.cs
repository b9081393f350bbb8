namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Writes how an overlay store is mounted and opened, ready to use.</summary>
public static class OverlayConfigurations
{
    private static readonly Dictionary<OverlayConfigurationFormat, IOverlayConfiguration> s_formats = new()
    {
        [OverlayConfigurationFormat.NixConf] = new NixConfConfiguration(),
        [OverlayConfigurationFormat.NixOS] = new NixOSConfiguration(),
        [OverlayConfigurationFormat.Docker] = new ContainerConfiguration("docker"),
        [OverlayConfigurationFormat.Podman] = new ContainerConfiguration("podman", "--security-opt", "label=disable"),
        [OverlayConfigurationFormat.Kubernetes] = new KubernetesConfiguration(),
        [OverlayConfigurationFormat.SystemdMount] = new SystemdMountConfiguration(),
        [OverlayConfigurationFormat.Fstab] = new FstabConfiguration(),
        [OverlayConfigurationFormat.Environment] = new EnvironmentConfiguration(),
    };

    /// <summary>Writes a configuration.</summary>
    /// <returns>The text, without a newline at its end; one for each file where a format wants several.</returns>
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayPathUnknown, OverlayWorkDirectoryUnknown, and what a URL can be refused for</exception>
    public static IReadOnlyList<string> Write(OverlayDeployment deployment, OverlayConfigurationFormat format)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var store = deployment.Store;
        Line("The store's URL", store.Store);
        Line("The lower store's URL", store.LowerStore);
        Line("The lower store's directory", store.LowerDirectory);
        Line("The upper layer", store.UpperLayer);
        Line("The work directory", store.WorkDirectory);
        Line("The mount point", store.RealDirectory);
        Line("The state directory", store.StateDirectory);
        Line("The directory", deployment.Path);
        Line("The image", deployment.Image);
        return [.. s_formats[format].Write(deployment).Select(text => text.TrimEnd('\n'))];
    }

    /// <summary>Everything here is made of lines, and a name must stay on its own.</summary>
    private static void Line(string what, string? text)
    {
        if (text is not null && text.Any(character => char.IsControl(character) || character is '\u2028' or '\u2029'))
        {
            throw Inexpressible.Because($"{what} '{text}' has a control character in it.", text);
        }
    }
}
