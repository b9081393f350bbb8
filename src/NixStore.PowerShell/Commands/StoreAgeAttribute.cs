using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// Makes an age of what is bound to a parameter. It reads what was typed, as <c>14d</c> is a decimal number to PowerShell; the number
/// alone, from a variable, has lost its unit and is refused.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StoreAgeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
            {
                StoreAge age => age,
                TimeSpan span => StoreAge.From(span),
                DateTimeOffset date => StoreAge.From(date),
                DateTime date => StoreAge.From(date),
                string text => StoreAge.Parse(text),
                IConvertible => StoreAge.Parse(LanguagePrimitives.ConvertTo<string>(inputData)),
                null => throw new NixStoreException("InvalidAge", StoreErrorKind.InvalidArgument, "The age is null.", null, "Write for example 14d."),
                var other => throw new NixStoreException("InvalidAge", StoreErrorKind.InvalidArgument,
                    $"{other.GetType()} is not an age.", other.ToString(), "Write for example 14d, or give a time span or a date."),
            };
        }
        catch (NixStoreException error)
        {
            throw new ArgumentTransformationMetadataException($"{error.Message} {error.Remedy}", error);
        }
    }
}
