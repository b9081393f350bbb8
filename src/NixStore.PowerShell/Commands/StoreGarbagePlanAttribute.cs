using System.Management.Automation;
using NixStore.Engine.Planning;

namespace NixStore.PowerShell.Commands;

/// <summary>Makes a plan of what is bound to a parameter: a plan is one, text and files name the file that one was saved to.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StoreGarbagePlanAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        StoreGarbagePlan plan => plan,
        string path => Read(engineIntrinsics.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)),
        FileInfo file => Read(file.FullName),
        // This inner exception is how PowerShell's binder tells "not this parameter" from an error.
        var other => throw new ArgumentTransformationMetadataException($"{other?.GetType()} is neither a plan nor a file.",
            new PSInvalidCastException($"{other?.GetType()} is neither a plan nor a file.")),
    };

    private static StoreGarbagePlan Read(string path)
    {
        try
        {
            return PlanFile.Read(path);
        }
        catch (NixStoreException error)
        {
            throw new ArgumentTransformationMetadataException($"{error.Message} {error.Remedy}".TrimEnd(), error);
        }
    }
}
