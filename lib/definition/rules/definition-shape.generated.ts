// @ts-nocheck
// Made by scripts/compile-schemas.js from json-schema.ts: change that, then run `npm run schemas`.
const func2 = function ucs2length(str) {
    const len = str.length;
    let length = 0;
    let pos = 0;
    let value;
    while (pos < len) {
        length++;
        value = str.charCodeAt(pos++);
        if (value >= 0xd800 && value <= 0xdbff && pos < len) {
            // high surrogate, and there is a next character
            value = str.charCodeAt(pos);
            if ((value & 0xfc00) === 0xdc00)
                pos++; // low surrogate
        }
    }
    return length;
}
const pattern0 = new RegExp("^https?://[^\\s\\p{C}\"'<>`\\\\]+$", "u");
const pattern3 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*$", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.type === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "type"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.default_enabled === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "default_enabled"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.name !== undefined){
let data0 = data.name;
if((typeof data0 !== "string") && (data0 !== null)){
const err3 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(typeof data0 === "string"){
if(func2(data0) > 251){
const err4 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/maxLength",keyword:"maxLength",params:{limit: 251}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
if(data.description !== undefined){
let data1 = data.description;
if((typeof data1 !== "string") && (data1 !== null)){
const err5 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(typeof data1 === "string"){
if(func2(data1) > 4096){
const err6 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
if(data.feature_issue_url !== undefined){
let data2 = data.feature_issue_url;
if((typeof data2 !== "string") && (data2 !== null)){
const err7 = {instancePath:instancePath+"/feature_issue_url",schemaPath:"#/properties/feature_issue_url/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(typeof data2 === "string"){
if(func2(data2) > 2048){
const err8 = {instancePath:instancePath+"/feature_issue_url",schemaPath:"#/properties/feature_issue_url/maxLength",keyword:"maxLength",params:{limit: 2048}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(!pattern0.test(data2)){
const err9 = {instancePath:instancePath+"/feature_issue_url",schemaPath:"#/properties/feature_issue_url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s\\p{C}\"'<>`\\\\]+$"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
if(data.introduced_by_url !== undefined){
let data3 = data.introduced_by_url;
if((typeof data3 !== "string") && (data3 !== null)){
const err10 = {instancePath:instancePath+"/introduced_by_url",schemaPath:"#/properties/introduced_by_url/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(typeof data3 === "string"){
if(func2(data3) > 2048){
const err11 = {instancePath:instancePath+"/introduced_by_url",schemaPath:"#/properties/introduced_by_url/maxLength",keyword:"maxLength",params:{limit: 2048}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(!pattern0.test(data3)){
const err12 = {instancePath:instancePath+"/introduced_by_url",schemaPath:"#/properties/introduced_by_url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s\\p{C}\"'<>`\\\\]+$"}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
if(data.rollout_issue_url !== undefined){
let data4 = data.rollout_issue_url;
if((typeof data4 !== "string") && (data4 !== null)){
const err13 = {instancePath:instancePath+"/rollout_issue_url",schemaPath:"#/properties/rollout_issue_url/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(typeof data4 === "string"){
if(func2(data4) > 2048){
const err14 = {instancePath:instancePath+"/rollout_issue_url",schemaPath:"#/properties/rollout_issue_url/maxLength",keyword:"maxLength",params:{limit: 2048}};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(!pattern0.test(data4)){
const err15 = {instancePath:instancePath+"/rollout_issue_url",schemaPath:"#/properties/rollout_issue_url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s\\p{C}\"'<>`\\\\]+$"}};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
if(data.milestone !== undefined){
let data5 = data.milestone;
if((typeof data5 !== "string") && (data5 !== null)){
const err16 = {instancePath:instancePath+"/milestone",schemaPath:"#/properties/milestone/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(typeof data5 === "string"){
if(func2(data5) > 64){
const err17 = {instancePath:instancePath+"/milestone",schemaPath:"#/properties/milestone/maxLength",keyword:"maxLength",params:{limit: 64}};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
if(data.log_state_changes !== undefined){
let data6 = data.log_state_changes;
if((typeof data6 !== "boolean") && (data6 !== null)){
const err18 = {instancePath:instancePath+"/log_state_changes",schemaPath:"#/properties/log_state_changes/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.group !== undefined){
let data7 = data.group;
if((typeof data7 !== "string") && (data7 !== null)){
const err19 = {instancePath:instancePath+"/group",schemaPath:"#/properties/group/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(typeof data7 === "string"){
if(func2(data7) > 255){
const err20 = {instancePath:instancePath+"/group",schemaPath:"#/properties/group/maxLength",keyword:"maxLength",params:{limit: 255}};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
if(data.type !== undefined){
let data8 = data.type;
if((typeof data8 !== "string") && (data8 !== null)){
const err21 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(typeof data8 === "string"){
if(func2(data8) > 251){
const err22 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/maxLength",keyword:"maxLength",params:{limit: 251}};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
if(data.default_enabled !== undefined){
if(typeof data.default_enabled !== "boolean"){
const err23 = {instancePath:instancePath+"/default_enabled",schemaPath:"#/properties/default_enabled/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data.intended_to_rollout_by !== undefined){
let data10 = data.intended_to_rollout_by;
if((typeof data10 !== "string") && (data10 !== null)){
const err24 = {instancePath:instancePath+"/intended_to_rollout_by",schemaPath:"#/properties/intended_to_rollout_by/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(typeof data10 === "string"){
if(func2(data10) > 64){
const err25 = {instancePath:instancePath+"/intended_to_rollout_by",schemaPath:"#/properties/intended_to_rollout_by/maxLength",keyword:"maxLength",params:{limit: 64}};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
if(data.actor !== undefined){
let data11 = data.actor;
const _errs34 = errors;
let valid1 = false;
const _errs35 = errors;
if((typeof data11 !== "string") && (data11 !== null)){
const err26 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(typeof data11 === "string"){
if(func2(data11) > 255){
const err27 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/0/maxLength",keyword:"maxLength",params:{limit: 255}};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
if(!pattern3.test(data11)){
const err28 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/0/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*$"}};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
var _valid0 = _errs35 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const _errs38 = errors;
if(Array.isArray(data11)){
if(data11.length > 20){
const err29 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/1/maxItems",keyword:"maxItems",params:{limit: 20}};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
if(data11.length < 1){
const err30 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
const len0 = data11.length;
for(let i0=0; i0<len0; i0++){
let data12 = data11[i0];
if(typeof data12 === "string"){
if(func2(data12) > 255){
const err31 = {instancePath:instancePath+"/actor/" + i0,schemaPath:"#/properties/actor/anyOf/1/items/maxLength",keyword:"maxLength",params:{limit: 255}};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if(!pattern3.test(data12)){
const err32 = {instancePath:instancePath+"/actor/" + i0,schemaPath:"#/properties/actor/anyOf/1/items/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*$"}};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/actor/" + i0,schemaPath:"#/properties/actor/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
}
else {
const err34 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
var _valid0 = _errs38 === errors;
valid1 = valid1 || _valid0;
}
if(!valid1){
const err35 = {instancePath:instancePath+"/actor",schemaPath:"#/properties/actor/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
else {
errors = _errs34;
if(vErrors !== null){
if(_errs34){
vErrors.length = _errs34;
}
else {
vErrors = null;
}
}
}
}
}
else {
const err36 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

const validate = validate10

/** Whether a value has the shape of a definition; `errors` then tells where it has not. */
export const hasDefinitionShape: {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string }[] | null
} = validate
