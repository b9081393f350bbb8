using System.Globalization;
using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>A shell script that mounts the overlay on the machine and runs a container that binds it.</summary>
/// <param name="program">docker, or what takes the same arguments.</param>
/// <param name="options">Further arguments that this program needs.</param>
internal sealed class ContainerConfiguration(string program, params string[] options) : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var places = MachinePlaces.Of(deployment);
        var view = ContainerView.Of(places);
        var user = deployment.UserId?.ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<(string Option, string Value)> arguments =
        [
            .. view.Mounts.Select(mount => ("--mount", Describe(mount))),
            .. user is null ? ((string, string)[])[] : [("--user", $"{user}:{user}")],
            .. view.Environment(deployment.UserId).Select(variable => ("--env", $"{variable.Name}={variable.Value}")),
        ];
        return
        [
            $$"""
            #!/bin/sh
            {{Explanation.Comment(
                [
                    .. view.Explain(places, deployment.UserId),
                    "Nix itself comes from the lower store or from the image, there outside of /nix. For a command in the container: sh FILE COMMAND ARGUMENTS",
                ])}}set -eu

            # The machine mounts, once after each start (or by the unit that ConvertTo-OverlayStoreConfiguration -As SystemdMount gives).
            {{string.Join('\n', MountCommands.Of(places, deployment.UserId))}}

            # Do not unmount it while a container runs, and mount its layers nowhere else.
            exec {{string.Join(' ', [program, "run", "--rm", "--interactive", .. options])}} \
            {{string.Concat(arguments.Select(argument => $"  {argument.Option} {ShellWord.Quote(argument.Value)} \\\n"))
                }}  {{ShellWord.Quote(deployment.Image)}} "$@"

            """,
        ];
    }

    /// <summary>The value of <c>--mount</c>, a line of comma-separated values (RFC 4180).</summary>
    private static string Describe(ContainerMount mount) => string.Join(',', ((string[])
    [
        .. mount.Source is null ? (string[])["type=tmpfs"] : ["type=bind", $"source={mount.Source}"], $"target={mount.Target}",
        .. mount.IsReadOnly ? (string[])["readonly"] : [],
        .. mount.FollowsMounts ? (string[])["bind-propagation=rslave"] : [],
    ]).Select(Field));

    private static string Field(string text)
        => text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
